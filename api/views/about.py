"""The API about itself: its addresses, its schema, its kinds of problems; and the answer where there is no address."""

from __future__ import annotations

from dataclasses import asdict

from django.conf import settings
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2, OpenApiYamlRenderer, OpenApiYamlRenderer2
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ListSerializer

from recipes_app.search.fields import FIELDS
from recipes_app.services.gates import incident
from recipes_app.services.gates.gate_table import Incident

from ..framework.base import PortalView, operation
from ..framework.links import absolute
from ..framework.problems import KINDS, Problem
from ..framework.schema import portal_schema, schema_digest
from ..schemas.recipes import ProblemKindSerializer, RootSerializer

# URI templates (RFC 6570), below the API's own address.
_ENDPOINTS = {
    "recipes": f"recipes/{{?q,sort,cursor,limit,{','.join(FIELDS)}}}",
    "recipe": "recipes/{name}/",
    "revisions": "recipes/{name}/revisions/{?cursor,limit}",
    "revision": "recipes/{name}/revisions/{commit}/",
    "lint": "recipes/{name}/revisions/{commit}/lint/",
    "comments": "recipes/{name}/comments/{?cursor,limit}",
    "flags": "recipes/{name}/flags/{?state,kind,cursor,limit}",
    "team": "recipes/{name}/team/",
    "vote": "recipes/{name}/vote/",
    "follow": "recipes/{name}/follow/",
    "rulings": "recipes/{name}/rulings/{?cursor,limit}",
    "files": "recipes/{name}/files/{commit}/",
    "file": "recipes/{name}/files/{commit}/{+path}",
    "snapshot": "recipes/{name}/snapshots/{commit}/",
    "diff": "recipes/{name}/diff/{old}/{new}/",
    "webhooks": "recipes/{name}/webhooks/",
    "webhook": "recipes/{name}/webhooks/{webhook_id}/",
    "deliveries": "recipes/{name}/webhooks/{webhook_id}/deliveries/{?state,cursor,limit}",
    "required_by": "recipes/{name}/required-by/{?kind,cursor,limit}",
    "recipe_keywords": "recipes/{name}/keywords/",
    "trial_builds": "recipes/{name}/trial-builds/",
    "staging": "recipes/{name}/staging/",
    "incident": "incident/",
    "comment": "recipes/{name}/comments/{comment_id}/",
    "flag": "flags/{flag_id}/",
    "request": "requests/{request_id}/",
    "binaries": "binaries/{?name,suite,architecture,cursor,limit}",
    "keywords": "keywords/{?q,cursor,limit}",
    "suggest": "suggest/{?q}",
    "user": "users/{username}/",
    "user_recipes": "users/{username}/recipes/{?cursor,limit}",
    "statistics": "statistics/",
    "account": "account/",
    "mail_choices": "account/mail/",
    "token": "token/",
    "lookup": "lookup/",
    "upgrades": "upgrades/",
    "requests": "requests/{?state,kind,recipe,cursor,limit}",
    "holds": "holds/{?recipe,cursor,limit}",
    "log": "log/{?kind,recipe,account,cursor,limit}",
    "switches": "switches/",
    "news": "news/{?cursor,limit}",
    "notifications": "notifications/{?unread,kind,cursor,limit}",
    "queue": "queue/{?kind,recipe,account,mine,cursor,limit}",
    "reports": "reports/{?cursor,limit}",
    "changes": "changes/{?since,cursor,limit}",
    "checks": "checks/",
    "check": "checks/{check_id}/",
    "lint_tags": "lint/tags/{?severity,q,drawn,cursor,limit}",
    "lint_tag": "lint/tags/{tag}/{?cursor,limit}",
    "relint": "relint/{?cursor,limit}",
    "relint_run": "relint/{run_id}/{?cursor,limit}",
    "name_rules": "name-rules/{?cursor,limit}",
    "schema": "schema/",
    "problems": "problems/",
}


class RootView(PortalView):
    """The API's addresses."""

    @operation("root", "The API's addresses", RootSerializer)
    def get(self, request: Request) -> Response:
        """Return the addresses of everything in the API."""
        here = absolute("api:root")
        endpoints = {name: here + template for name, template in _ENDPOINTS.items()}
        version = settings.SPECTACULAR_SETTINGS["VERSION"]
        notice = incident.notice()
        alarm = {"level": notice.level, "words": notice.words} if notice else {"level": Incident.NORMAL.value, "words": ""}
        self.unless_known(request, endpoints, settings.SITE_NAME, alarm)
        return Response({"site": settings.SITE_NAME, "version": version, "incident": alarm, "endpoints": endpoints})


class ProblemsView(PortalView):
    """The kinds of problems."""

    @operation("problems", "The kinds of problems, by their stable codes", ListSerializer(child=ProblemKindSerializer()))
    def get(self, request: Request) -> Response:
        """Return every kind of problem that an answer can have."""
        kinds = [asdict(kind) for kind in KINDS.values()]
        self.unless_known(request, kinds)
        return Response(kinds)


class SchemaView(PortalView):
    """The OpenAPI document of the API: JSON, or YAML where it is asked for."""

    renderer_classes = (OpenApiJsonRenderer2, OpenApiJsonRenderer, OpenApiYamlRenderer, OpenApiYamlRenderer2)

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """Return the OpenAPI 3.1 document."""
        self.unless_known(request, schema_digest())
        return Response(portal_schema())


class UnknownAddressView(PortalView):
    """Every address below /api/v1/ that is none: a problem in JSON, where Django would give a page."""

    schema = None

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Say that there is nothing, whatever the method and the parameters. Raises Problem."""
        raise Problem(
            "unknown-address", f"there is nothing at {request.path[:200]!r}: {absolute('api:root')} lists what there is"
        )
