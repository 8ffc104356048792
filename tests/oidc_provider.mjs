// A real OpenID provider (the certified `oidc-provider`) for the tests of sign-in, on the loopback alone.
// Who signs in next, how strongly, and what goes wrong is told at /_test/*; nothing else differs from real use.
import { createServer } from "node:http";
import Provider from "oidc-provider";
import { SignJWT, decodeJwt, exportJWK, generateKeyPair, importJWK } from "jose";

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const ways = JSON.parse(process.argv[3]); // addresses to send people back to, and the public key of a client

const { privateKey } = await generateKeyPair("RS256", { extractable: true });
const signing = { ...(await exportJWK(privateKey)), kid: "house", alg: "RS256", use: "sig" };
const stranger = (await generateKeyPair("RS256", { extractable: true })).privateKey;

let next = [];   // sign-ins to come: {account, acr, amr, claims} or {error}
let fault = {};  // what to change in the next ID token
const accounts = new Map();

const common = { redirect_uris: ways.back, response_types: ["code"], grant_types: ["authorization_code"] };
const provider = new Provider(issuer, {
  clients: [
    { client_id: "medvirk", client_secret: "a secret between two", token_endpoint_auth_method: "client_secret_post", ...common },
    { client_id: "medvirk-strict", token_endpoint_auth_method: "private_key_jwt", token_endpoint_auth_signing_alg: "RS256",
      jwks: { keys: [ways.key] }, require_pushed_authorization_requests: true, dpop_bound_access_tokens: true, ...common },
  ],
  jwks: { keys: [signing] },
  cookies: { keys: ["only for tests"] },
  conformIdTokenClaims: false,
  acrValues: ["idporten-loa-low", "idporten-loa-substantial", "idporten-loa-high"],
  claims: { openid: ["sub", "pid", "oid", "tid", "preferred_username", "locale", "acr", "amr", "helseid://claims/hpr/hpr_number"], profile: ["name"], acr: null },
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    pushedAuthorizationRequests: { enabled: true },
    dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => true },
  },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope("openid profile");
    await grant.save();
    return grant;
  },
  findAccount: (_ctx, id) => ({ accountId: id, claims: async () => ({ sub: id, ...accounts.get(id) }) }),
  ttl: { AuthorizationCode: 60, Interaction: 600, Session: 600, Grant: 600, IdToken: 300, AccessToken: 300 },
});

// Tokens that a sound provider would never give out.
provider.use(async (ctx, following) => {
  await following();
  if (ctx.path !== "/token" || !ctx.body?.id_token || !Object.keys(fault).length) return;
  const claims = { ...decodeJwt(ctx.body.id_token), ...(fault.claims ?? {}) };
  for (const name of fault.without ?? []) delete claims[name];
  const key = fault.key === "stranger" ? stranger : await importJWK(signing, "RS256");
  if (fault.algorithm === "none") {
    const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
    ctx.body.id_token = `${part({ alg: "none" })}.${part(claims)}.`;
  } else {
    ctx.body.id_token = await new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "house" }).sign(key);
  }
  fault = {};
});

const handle = provider.callback();
createServer(async (request, response) => {
  const path = new URL(request.url, issuer).pathname;
  if (path.startsWith("/_test/")) {
    let body = "";
    for await (const part of request) body += part;
    const told = body ? JSON.parse(body) : {};
    if (path === "/_test/next") next.push(told);
    if (path === "/_test/fault") fault = told;
    if (path === "/_test/forget") { next = []; fault = {}; accounts.clear(); }
    response.end("{}");
    return;
  }
  if (path.startsWith("/interaction/")) {
    const coming = next.shift() ?? { error: "access_denied" };
    if (coming.error) {
      await provider.interactionFinished(request, response, { error: coming.error, error_description: "turned back" });
      return;
    }
    accounts.set(coming.account, coming.claims ?? {});
    await provider.interactionFinished(request, response, {
      login: { accountId: coming.account, acr: coming.acr ?? undefined, amr: coming.amr ?? undefined, remember: false },
    });
    return;
  }
  handle(request, response);
}).listen(port, "127.0.0.1", () => console.log("ready"));
