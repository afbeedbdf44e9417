"""`/files-pri/*`: a file for a person who sees a message with it, and for nobody else.

A file is never shown by the page's own address, only saved: what an app sends may be HTML with scripts in it.
"""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.slack.page.guard import BadRequest, guarded
from local.slack.workspace.files import File
from local.slack.workspace.memory import Workspace


def file_routes(workspace: Workspace) -> list[Route]:
    """The one route, bound to a workspace."""

    async def download(request: Request) -> Response:
        """`?user=U0ADA`: who wants it."""
        file = workspace.files.find(request.path_params["file"].partition("-")[2])
        if file is None or file.content is None or not _sees(workspace, request.query_params.get("user", ""), file):
            raise BadRequest("no such file, or it is not shared with this person", status=404)
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
            "Content-Security-Policy": "sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }
        return Response(file.content, media_type="application/octet-stream", headers=headers)

    return [Route("/files-pri/{file}/{name}", guarded(download))]


def _sees(workspace: Workspace, user: str, file: File) -> bool:
    return any(
        workspace.is_shown_to(user, message) and file.id in {each.id for each in message.files}
        for message in workspace.all_messages()
    )
