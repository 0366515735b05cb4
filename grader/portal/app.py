"""The application: all routes, and what is answered where something is wrong."""

from __future__ import annotations

import asyncio
import contextlib
import http
from collections.abc import AsyncIterator, Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from grader.errors import GraderError, UsageError
from grader.portal import adjusting, api, entrance, keys, people, staff, student
from grader.portal.web import API, Guard, NotSignedIn, Portal, TooLarge, go, page


def create_app(portal: Portal) -> FastAPI:
    """The application."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        portal.supervisor.start()
        watching = asyncio.create_task(portal.hub.run())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.to_thread(portal.supervisor.stop)

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan, redirect_slashes=False)
    app.state.portal = portal
    app.add_middleware(Guard, address=portal.address)
    for routes in (entrance.routes, student.routes, keys.routes, api.routes, staff.routes, adjusting.routes):
        app.include_router(routes)

    @app.exception_handler(NotSignedIn)
    async def to_the_entrance(_request: Request, _error: NotSignedIn) -> Response:
        return go("/login")

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        status = 404 if error.status_code == 405 else error.status_code
        request.state.user, request.state.token = None, ""  # the same page, whoever asks for whatever is not there
        words = {
            403: "This form is too old. Go back, reload the page, and send it again.",
            404: "There is nothing here, or it is not yours to see.",
            429: "That was too often. Wait some minutes.",
        }
        title = {403: "Not here", 404: "Not here", 408: "Not now", 429: "Not now", 503: "Not now"}.get(
            status, "That cannot be"
        )
        is_bare = error.detail == http.HTTPStatus(error.status_code).phrase
        text = words.get(status, "This cannot be done.") if is_bare else error.detail
        return told(request, status, title, text, error.headers)

    @app.exception_handler(ClientDisconnect)
    async def gone(_request: Request, _error: ClientDisconnect) -> Response:
        return Response(status_code=400)  # nobody reads it

    @app.exception_handler(RequestValidationError)
    async def no_such_address(request: Request, _error: RequestValidationError) -> Response:
        return await refused(request, HTTPException(404))

    @app.exception_handler(TooLarge)
    async def too_large(request: Request, _error: TooLarge) -> Response:
        return told(request, 413, "Too large", "That is more than may be handed in at once.")

    @app.exception_handler(UsageError)
    async def unusable(request: Request, error: UsageError) -> Response:
        return told(request, 400, "That cannot be", str(error))

    @app.exception_handler(people.Busy)
    async def busy(request: Request, _error: people.Busy) -> Response:
        text = "Many people log in at this moment. This was not counted as a wrong password."
        return told(request, 503, "Try again in a minute", text)

    async def trouble(request: Request, _error: Exception) -> Response:
        text = "The portal cannot keep or read something now. What it confirmed before is not lost; this was refused."
        return told(request, 503, "Try again in a minute", text)

    for kind in (OSError, SQLAlchemyError, GraderError):
        app.add_exception_handler(kind, trouble)
    return app


def told(request: Request, status: int, title: str, text: str, headers: Mapping[str, str] | None = None) -> Response:
    """What is wrong, as a page; as JSON for a program."""
    if request.url.path.startswith(API):
        return JSONResponse({"error": text}, status, dict(headers or {}))
    return page(request, "told", status, title=title, text=text)
