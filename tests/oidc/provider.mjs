// A directory: the certified OpenID provider of npm, oidc-provider, with a login that the test decides on.
//   node provider.mjs PORT BACK_URL      a port of its own when PORT is 0; it is the first line that is said
// POST /_/set with JSON changes what it does: account, claims, skew (seconds), kid (e...: ES256), refuse.
// GET /_/seen gives what came to /auth and /token, the code's verifier as its length alone.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const [port, back] = process.argv.slice(2);
const state = { account: 'frida', claims: {}, skew: 0, kid: 'k1', refuse: false };
const seen = [];
const now = Date.now.bind(Date);
Date.now = () => now() + state.skew * 1000;

const keys = {};
function key(kid) {
    const kind = kid.startsWith('e') ? ['ec', { namedCurve: 'P-256' }] : ['rsa', { modulusLength: 2048 }];
    keys[kid] ??= { ...generateKeyPairSync(...kind).privateKey.export({ format: 'jwk' }), kid, use: 'sig' };
    return keys[kid];
}

function make(issuer) {
    const alg = state.kid.startsWith('e') ? 'ES256' : 'RS256';
    const provider = new Provider(issuer, {
        clients: [{ client_id: 'uppsikt', client_secret: 'hemligt &+%s', redirect_uris: [back], grant_types: ['authorization_code'],
            response_types: ['code'], id_token_signed_response_alg: alg, token_endpoint_auth_method: 'client_secret_basic' }],
        jwks: { keys: [key(state.kid)] },
        pkce: { required: () => true, methods: ['S256'] },
        claims: { openid: ['sub', 'email', 'email_verified', 'preferred_username'] },
        conformIdTokenClaims: false,
        enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256'] },
        features: { devInteractions: { enabled: false } },
        renderError: (ctx, out) => { ctx.type = 'json'; ctx.body = out; },
        cookies: { keys: ['one', 'two'] },
        interactions: { url: (ctx, interaction) => `/_/login/${interaction.uid}` },
        findAccount: (ctx, id) => ({ accountId: id, claims: async () => ({ sub: id, ...state.claims }) }),
        loadExistingGrant: async (ctx) => {
            const grant = new provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
            grant.addOIDCScope('openid');
            await grant.save();
            return grant;
        },
    });
    return provider;
}

let provider;
let answer;
function renew(issuer) {
    provider = make(issuer);
    answer = provider.callback();
}

async function bodyOf(request) {
    let text = '';
    for await (const part of request) text += part;
    return text;
}

const server = createServer(async (request, response) => {
    const issuer = `http://localhost:${server.address().port}`;
    const { pathname, searchParams } = new URL(request.url, issuer);
    if (pathname === '/_/set') {
        Object.assign(state, JSON.parse(await bodyOf(request)));
        renew(issuer);
        response.end('{}');
    } else if (pathname === '/_/seen') {
        response.end(JSON.stringify(seen));
    } else if (pathname.startsWith('/_/login/')) {
        const result = state.refuse ? { error: 'access_denied', error_description: 'no' } : { login: { accountId: state.account } };
        await provider.interactionFinished(request, response, result);
    } else {
        if (pathname === '/auth') seen.push({ at: 'auth', ...Object.fromEntries(searchParams) });
        if (pathname === '/jwks' || pathname.startsWith('/.well-known/')) seen.push({ at: pathname });
        if (pathname === '/token') {
            const text = await bodyOf(request);
            const form = Object.fromEntries(new URLSearchParams(text));
            seen.push({ at: 'token', verifier: (form.code_verifier ?? '').length, basic: 'authorization' in request.headers,
                body: Object.keys(form).sort() });
            request.body = form; // read already; oidc-provider takes it from here
        }
        answer(request, response);
    }
});
server.listen(Number(port), '127.0.0.1', () => {
    renew(`http://localhost:${server.address().port}`);
    process.stdout.write(`port ${server.address().port}\n`);
});
process.on('SIGTERM', () => process.exit(0));
