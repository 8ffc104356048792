# Reference estimates by lme4 for the growth model. Run by make.py; by hand: Rscript lme4.R FOLDER > lme4.json
# FOLDER holds <design>.csv. Prints JSON: for each design the call, estimates and forecasts of three people.
suppressPackageStartupMessages({library(lme4); library(jsonlite)})
folder <- commandArgs(TRUE)[1]
# Tighter than lme4's own, so that the reference has more digits than the comparison.
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5), calc.derivs = FALSE)

calls <- list(
  help = score ~ log1p(time) + (log1p(time) | person),
  balanced = score ~ log1p(time) + (log1p(time) | person),
  weeks = score ~ log1p(time) + (log1p(time) | person),
  departments = score ~ (department + help) * log1p(time) + (log1p(time) | person)
)

one <- function(design) {
  rows <- read.csv(file.path(folder, paste0(design, ".csv")))
  model <- lmer(calls[[design]], rows, REML = TRUE, control = tight)
  G <- VarCorr(model)$person
  people <- head(unique(rows$person), 3)
  # A person's forecast given all of their scores, at two later times.
  first <- rows[match(people, rows$person), setdiff(names(rows), c("time", "score")), drop = FALSE]
  ahead <- merge(first, data.frame(time = c(10, 20)))
  ahead <- ahead[order(ahead$person, ahead$time), ]
  list(
    call = paste0("lmer(", paste(deparse(calls[[design]], width.cutoff = 200), collapse = " "), ", REML = TRUE)"),
    names = names(fixef(model)), beta = unname(fixef(model)), se = unname(sqrt(diag(as.matrix(vcov(model))))),
    G = matrix(as.numeric(G), 2), sigma2 = sigma(model)^2, loglik = as.numeric(logLik(model)),
    persons = length(unique(rows$person)), scores = nrow(rows),
    forecasts = data.frame(person = ahead$person, time = ahead$time, mean = unname(predict(model, ahead)))
  )
}

found <- lapply(setNames(names(calls), names(calls)), one)
versions <- list(R = paste(R.version$major, R.version$minor, sep = "."), lme4 = as.character(packageVersion("lme4")))
cat(toJSON(list(versions = versions, designs = found), digits = I(12), auto_unbox = TRUE, pretty = TRUE), "\n")
