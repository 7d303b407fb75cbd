"""A provider of OpenID Connect, as small as one can be: `python -m tests.oidc_provider PORT`.

Whoever comes says on a page who they are. It checks what a provider checks: the client and its secret, where it sends the browser back
to, and the code's proof (PKCE).
"""

import base64
import hashlib
import secrets
import sys
import time
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "dashboard", "a secret of the client"
KEY = RSAKey.generate_key(2048, parameters={"kid": "one"}, private=True)
PEOPLE = {"anna": "Anna *A*", "ben": "Ben"}
GIVEN: dict[str, dict[str, str]] = {}  # codes that were given, each good for one token


class Provider:
    """The answers of a provider at an address."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer

    async def metadata(self, request: Request) -> Response:
        places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks", "end_session_endpoint": "logout"}
        return JSONResponse(
            {name: f"{self.issuer}/{place}" for name, place in places.items()}
            | {"issuer": self.issuer, "code_challenge_methods_supported": ["S256"], "id_token_signing_alg_values_supported": ["RS256"]}
        )

    async def authorize(self, request: Request) -> Response:
        asked = request.query_params
        assert asked["client_id"] == CLIENT and asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        links = [f'<a href="/decide?{urlencode(dict(asked) | {"who": who})}">{who}</a>' for who in PEOPLE]
        return HTMLResponse("<title>Who are you?</title>" + " ".join(links))

    async def decide(self, request: Request) -> Response:
        asked, code = dict(request.query_params), secrets.token_urlsafe()
        GIVEN[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def token(self, request: Request) -> Response:
        form = await request.form()
        asked = GIVEN.pop(str(form["code"]))
        proof = base64.urlsafe_b64encode(hashlib.sha256(str(form["code_verifier"]).encode()).digest()).rstrip(b"=").decode()
        client = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode()
        if proof != asked["code_challenge"] or client != f"{CLIENT}:{SECRET}" or form["redirect_uri"] != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": f"number of {asked['who']}", "aud": CLIENT, "iat": now, "exp": now + 600}
        claims |= {"nonce": asked["nonce"], "name": PEOPLE[asked["who"]]}
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, KEY)
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "expires_in": 600, "id_token": signed})

    async def jwks(self, request: Request) -> Response:
        return JSONResponse({"keys": [KEY.as_dict(private=False)]})

    async def logout(self, request: Request) -> Response:
        return RedirectResponse(request.query_params["post_logout_redirect_uri"], 302)


def main(port: int) -> None:
    """Answer until the process is ended."""
    provider = Provider(f"http://127.0.0.1:{port}")
    names = ("authorize", "decide", "jwks", "logout")
    routes = [Route(f"/{name}", getattr(provider, name)) for name in names]
    routes += [Route("/token", provider.token, methods=["POST"]), Route("/.well-known/openid-configuration", provider.metadata)]
    uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]))
