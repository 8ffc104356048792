"""The REML likelihood of the growth model from norms, with fixed effects that may differ by group.

With Θ = G/σ², V = σ²(I + ZΘZ') and A = Z'Z for a pattern, and X = Z·C for all courses of a group (C is 2 × p;
C = I without groups), everything the likelihood needs is 2 × 2 per pattern and summed up per group:

    log det(I + ΘA),   W = Z'(V/σ²)⁻¹Z = A(I + ΘA)⁻¹,   H = (I + AΘ)⁻¹,   K = (I + ΘA)⁻¹Θ,
    X'(V/σ²)⁻¹X = Σ C'(Σ N·W)C,   X'(V/σ²)⁻¹y = Σ C'(Σ H·ΣZ'y),   y'(V/σ²)⁻¹y = Σ (Σy'y − tr(K·ΣZ'yy'Z)).

None of the forms needs Θ⁻¹ or A⁻¹, so people with one score and fits on the edge need no special case. The
deviance is the one of R's lme4 (Bates et al. 2015, J Stat Softw 67(1), eq. 41).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from scipy import linalg

from medvirk.stats.faults import CannotEstimateError, Floats
from medvirk.stats.growth.grouping import Ints
from medvirk.stats.growth.norms import Norms

# A column that the others explain but for this share of its size is not a column of its own.
DEPENDENT = 1e-8


@dataclass(frozen=True, eq=False)
class Design:
    """What the p fixed effects mean: `C` (groups, 2, p) turns them into each group's level and pace.

    `names` (p,) say it in words. Column 0 is the level and column `pace` the pace of the reference group; both
    belong to every group.
    """

    names: tuple[str, ...]
    C: Floats
    pace: int

    @classmethod
    def plain(cls) -> "Design":
        """One level and one pace for all: the model without groups."""
        return cls(("level", "pace"), np.eye(2)[None], 1)


def joined(parts: Sequence[Norms]) -> Norms:
    """The patterns of all groups, group by group, in one table; equal times of two groups stay apart."""
    if len(parts) == 1:
        return parts[0]
    names = ("times", "length", "count", "sum_zy", "sum_zyyz", "sum_yy")
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in names
    }
    return replace(parts[0], **columns)


@dataclass(frozen=True, eq=False)
class Standardised:
    """Norms in standardised time, around the pooled straight line: what the optimiser works on.

    Time is centred and scaled so that level and pace are nearly independent and of like size; scores are
    centred so that no large sums cancel inside the loop. The last axis of each array is the pattern: `n` (P,)
    courses, `A` (2, 2, P) = Z'Z, and summed over the courses `z` (2, P) = Z'r, `zz` (2, 2, P) = Z'rr'Z and
    `rr` (P,) = r'r, with r the centred scores. `line` (2,) is the pooled line in standardised time.

    `group` (P,) is the group of each pattern and `first` (groups,) each group's first pattern. `X` (groups, 2, p)
    is the design in standardised time with columns made independent: the caller's β is `unmix` (p, p) times
    the coefficients of X, and `log_unmix` is log |det unmix|.
    """

    n: Floats
    A: Floats
    z: Floats
    zz: Floats
    rr: Floats
    scores: int
    centre: float
    scale: float
    line: Floats
    group: Ints
    first: Ints
    X: Floats
    unmix: Floats
    log_unmix: float

    @classmethod
    def of(cls, parts: Sequence[Norms], design: Design) -> "Standardised":
        """Standardise the norms of each group. Raises CannotEstimateError, naming columns that cannot be told apart."""
        norms = joined(parts)
        sizes = np.array([part.length.size for part in parts])
        first = np.cumsum(sizes) - sizes
        n, m = norms.count.astype(np.float64), norms.length.astype(np.float64)
        start = np.cumsum(norms.length) - norms.length
        weight = np.repeat(n, norms.length)
        centre = float(weight @ norms.times) / norms.scores
        scale = float(np.sqrt(weight @ (norms.times - centre) ** 2 / norms.scores))
        time = (norms.times - centre) / scale
        s, q = np.add.reduceat(time, start), np.add.reduceat(time * time, start)
        A = np.array([[m, s], [s, q]])
        z, zz = _standard_sums(norms, centre, scale)
        line = z.sum(axis=1) / norms.scores
        a = np.einsum("ikp,k->ip", A, line)
        X = np.array([[1.0, centre], [0.0, scale]]) @ design.C
        unmix = _independent_columns(X, np.add.reduceat(n * A, first, axis=-1), design.names)
        return cls(
            n=n,
            A=A,
            z=z - n * a,
            zz=around(zz, z, n, A, line[:, None]),
            rr=norms.sum_yy + line @ (n * a - 2 * z),
            scores=norms.scores,
            centre=centre,
            scale=scale,
            line=line,
            group=np.repeat(np.arange(sizes.size), sizes),
            first=first,
            X=X @ unmix,
            unmix=unmix,
            log_unmix=float(np.linalg.slogdet(unmix)[1]),
        )

    @property
    def free(self) -> int:
        """Scores less fixed effects."""
        return self.scores - len(self.unmix)

    @property
    def back(self) -> Floats:
        """(2, 2): from a level and pace in standardised time to those in the caller's."""
        return np.array([[1.0, -self.centre / self.scale], [0.0, 1 / self.scale]])

    def by_group(self, values: Floats) -> Floats:
        """Sums over the patterns of each group: (…, P) → (…, groups)."""
        return np.asarray(np.add.reduceat(values, self.first, axis=-1))

    def by_pattern(self, values: Floats) -> Floats:
        """What holds for a group, for each of its patterns: (…, groups) → (…, P), or (…, 1) without groups."""
        return values if self.first.size == 1 else values[..., self.group]


def _standard_sums(norms: Norms, centre: float, scale: float) -> tuple[Floats, Floats]:
    """ΣZ'y (2, P) and ΣZ'yy'Z (2, 2, P) in standardised time."""
    z0, u = norms.sum_zy.T
    zz00, su, uu = norms.sum_zyyz.T
    zz01 = (su - centre * zz00) / scale
    zz11 = (uu - 2 * centre * su + centre**2 * zz00) / scale**2
    return np.array([z0, (u - centre * z0) / scale]), np.array([[zz00, zz01], [zz01, zz11]])


def _independent_columns(X: Floats, A: Floats, names: Sequence[str]) -> Floats:
    """The (p, p) matrix that makes the columns of the design independent and of size 1 per score.

    `X` (groups, 2, p) is the design in standardised time, `A` (2, 2, groups) each group's sum of Z'Z.
    """
    values, vectors = np.linalg.eigh(A.transpose(2, 0, 1))
    roots = np.sqrt(np.maximum(values, 0.0))[..., None] * vectors.transpose(0, 2, 1)
    columns = (roots @ X).reshape(-1, X.shape[2])
    largest = np.sqrt(A[0, 0].sum()) * np.abs(X).max(axis=(0, 1))
    size = np.linalg.norm(columns, axis=0)
    size = np.where(size > DEPENDENT * largest, size, np.inf)
    R, order = linalg.qr(columns / size, mode="r", pivoting=True)
    R = R[: order.size]
    rank = int(np.count_nonzero(np.abs(np.diag(R)) > DEPENDENT))
    if rank < order.size:
        raise CannotEstimateError(_dependent_faults(R, order, rank, names))
    unmix = np.empty_like(R)
    # Not a triangular solver: waking its threads takes longer than the whole fit.
    unmix[order] = np.linalg.inv(R)
    return np.asarray(unmix / size[:, None] * np.sqrt(A[0, 0].sum()))


def _dependent_faults(R: Floats, order: Ints, rank: int, names: Sequence[str]) -> list[str]:
    shares = np.abs(linalg.solve_triangular(R[:rank, :rank], R[:rank, rank:]))
    faults = []
    for place, column in enumerate(order[rank:]):
        others = [f"“{names[other]}”" for other in order[:rank][shares[:, place] > np.sqrt(DEPENDENT)]]
        why = f"it cannot be told from {', '.join(others)}" if others else "no score tells it"
        faults.append(
            f"The effect “{names[column]}” cannot be estimated: {why}. Leave it out or pool its groups."
        )
    return faults


def around(zz: Floats, z: Floats, n: Floats, A: Floats, line: Floats) -> Floats:
    """ΣZ'ee'Z (2, 2, P) for e = y − Z·line, from ΣZ'yy'Z and ΣZ'y; `line` (2, P), or (2, 1) for all alike."""
    a = A[:, 0] * line[0] + A[:, 1] * line[1]
    cross = z[:, None] * a
    return np.asarray(zz - cross - cross.transpose(1, 0, 2) + (n * a)[:, None] * a)


class Profile(NamedTuple):
    """The likelihood at one Θ. `slope` (2, 2) is the derivative of the deviance by the symmetric Θ.

    `beta` (p,) are the coefficients of `Standardised.X` around the pooled line, `inverse` (p, p) their covariance
    divided by σ², `squares` the weighted residual sum of squares, whose mean over `free` is the best σ².
    """

    deviance: float
    beta: Floats
    inverse: Floats
    sigma2: float
    squares: float
    slope: Floats


def product(left: Floats, right: Floats) -> Floats:
    """The matrix product pattern by pattern: (2, 2, P) × (2, 2, P or 1) → (2, 2, P)."""
    return np.asarray(left[:, 0, None] * right[0] + left[:, 1, None] * right[1])


def sum_of_products(left: Floats, right: Floats) -> Floats:
    """Σ left·rightᵀ over the patterns: two (2, 2, P) → (2, 2), as one product of long matrices."""
    return np.asarray(left.reshape(2, -1) @ right.reshape(2, -1).T)


# Variance between people over that of one measurement; beyond it the arithmetic, not the data, would speak.
LARGEST_RATIO = 1e12


def profile(theta: Floats, data: Standardised, sigma2: float | None = None) -> Profile:
    """REML deviance at Θ, with β and σ² at their best for it unless `sigma2` is given, and its derivative by Θ."""
    n, A, X = data.n, data.A, data.X
    effects = X.shape[2]
    if not np.abs(theta).max() < LARGEST_RATIO:
        nothing = np.zeros((effects, effects))
        return Profile(np.inf, np.zeros(effects), nothing, np.nan, np.nan, np.zeros((2, 2)))
    a_theta = product(A, theta[..., None])
    det = 1 + a_theta[0, 0] + a_theta[1, 1] + a_theta[0, 0] * a_theta[1, 1] - a_theta[0, 1] * a_theta[1, 0]
    H = np.array([[1 + a_theta[1, 1], -a_theta[0, 1]], [-a_theta[1, 0], 1 + a_theta[0, 0]]]) / det
    # W = H·A and K = Θ·H, so H is all that is needed.
    information = data.by_group(product(H, n * A))
    right = data.by_group(H[:, 0] * data.z[0] + H[:, 1] * data.z[1])
    turned = X.transpose(0, 2, 1)
    xx = (turned @ information.transpose(2, 0, 1) @ X).sum(axis=0)
    xy = (turned @ right.T[..., None]).sum(axis=0)[:, 0]
    yy = data.rr.sum() - np.trace(theta @ sum_of_products(H, data.zz))
    inverse = np.asarray(np.linalg.inv(xx), dtype=np.float64)
    beta = inverse @ xy
    squares = float(yy - xy @ beta)
    variance = squares / data.free if sigma2 is None else sigma2
    if not variance > 0:
        # Nothing is left to call error, but for rounding: no likelihood, so the search turns back.
        return Profile(np.inf, beta, inverse, np.nan, squares, np.zeros((2, 2)))
    log_dets = float(n @ np.log(det) + np.linalg.slogdet(xx)[1])
    deviance = log_dets + data.free * float(np.log(2 * np.pi * variance)) + squares / variance
    # d log det(I + ΘA) = tr(W dΘ), d log det X'V⁻¹X = −tr(W C(X'V⁻¹X)⁻¹C' W dΘ) and d(σ²) ~ −tr(H E H' dΘ).
    line = data.by_pattern((X @ beta).T)
    middle = around(data.zz, data.z, n, A, line) / variance
    spread = data.by_pattern((X @ inverse @ turned).transpose(1, 2, 0))
    middle += product(product(A, spread), n * A)
    slope = information.sum(axis=-1) - sum_of_products(product(H, middle), H)
    return Profile(deviance, beta, inverse, variance, squares, slope)


def variance_covariance(theta: Floats, sigma2: float, data: Standardised) -> Floats | None:
    """Asymptotic covariance (4, 4) of (G00, G01, G11, σ²) in the caller's time: the inverse REML information.

    Twice the inverse Hessian of the deviance by (Θ, log σ²), by central differences of its exact gradient, then
    carried over to (G, σ²). None where the Hessian is not positive definite.
    """
    size = np.sqrt(np.diag(theta) + data.n.sum() / data.scores)
    columns = []
    for row, column in ((0, 0), (0, 1), (1, 1)):
        step = np.zeros((2, 2))
        step[row, column] = step[column, row] = 1e-4 * size[row] * size[column]
        up, down = (profile(theta + sign * step, data, sigma2) for sign in (1, -1))
        slope = (up.slope - down.slope) / (2 * step[row, column])
        weighted = (down.squares - up.squares) / (2 * step[row, column] * sigma2)
        columns.append([slope[0, 0], 2 * slope[0, 1], slope[1, 1], weighted])
    hessian = np.empty((4, 4))
    hessian[:3] = columns
    hessian[3] = [*hessian[:3, 3], data.free]
    hessian = (hessian + hessian.T) / 2
    root = np.sqrt(np.abs(np.diag(hessian)))
    scaled = hessian / np.outer(root, root)
    if not np.isfinite(scaled).all() or np.linalg.eigvalsh(scaled)[0] <= DEPENDENT:
        return None
    jacobian = np.zeros((4, 4))
    back = data.back
    for column, basis in enumerate(([[1, 0], [0, 0]], [[0, 1], [1, 0]], [[0, 0], [0, 1]])):
        jacobian[:3, column] = entries(sigma2 * back @ np.array(basis) @ back.T)
    jacobian[:3, 3] = entries(sigma2 * back @ theta @ back.T)
    jacobian[3, 3] = sigma2
    found = 2 * jacobian @ (np.linalg.inv(scaled) / np.outer(root, root)) @ jacobian.T
    return np.asarray((found + found.T) / 2)


def entries(G: Floats) -> Floats:
    """The three different entries of a symmetric 2 × 2 table."""
    return np.asarray(G[[0, 0, 1], [0, 1, 1]])
