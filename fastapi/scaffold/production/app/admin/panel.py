"""What the pages show, and what they let an administrator change: only what is named here, and the log tells of it."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from sqlalchemy import exists, select
from starlette.requests import Request
from starlette_admin import (
    DateTimeField,
    EnumField,
    IntegerField,
    JSONField,
    StringField,
    TextAreaField,
)
from starlette_admin.contrib.sqla import ModelView
from starlette_admin.exceptions import ActionFailed, FormValidationError
from starlette_admin.filters import FilterGroup
from starlette_admin.views import BaseModelView

from app.core.security import Role
from app.database.data_layer.audit import AuditRecord
from app.models import Item, Status, User
from app.services.resources import Resources

SHOWN_RECORDS = 1000
LARGEST_INTEGER = 2**31 - 1

GetResources = Callable[[], Resources]


class EntityView(ModelView):
    """A table. Nothing is exported or imported, and every change is recorded."""

    exporters = []
    importers = []
    actions = []
    page_size = 25
    page_size_options = [25]
    column_visibility = False  # its button has an inline handler, which the content policy forbids

    def __init__(self, get_resources: GetResources) -> None:
        self.get_resources = get_resources
        super().__init__(self.table)

    table: ClassVar[type[Any]]

    def can_export(self, request: Request) -> bool:
        return False

    def can_import(self, request: Request) -> bool:
        return False

    async def find_by_pk(self, request: Request, pk: Any) -> Any:
        try:
            return await super().find_by_pk(request, pk)
        except ValueError:  # no such row can be
            return None

    async def after_create_committed(self, request: Request, obj: Any) -> None:
        await self._record(request, "created", obj)

    async def after_edit_committed(self, request: Request, obj: Any) -> None:
        await self._record(request, "changed", obj)

    async def after_delete_committed(self, request: Request, obj: Any) -> None:
        await self._record(request, "deleted", obj)

    async def _record(self, request: Request, what: str, obj: Any) -> None:
        target = getattr(obj, self.pk_attr or "id")
        await self.get_resources().audit.record(
            f"admin.{self.key}.{what}", request.state.principal.user.id, target
        )


class UserView(EntityView):
    """Users: who they are, what they may do. Passwords and tokens are nowhere; nobody is deleted, only disabled."""

    table = User
    key = "users"
    menu_label = "Users"
    display_name = "User"
    icon = "fa fa-users"
    fields = [
        StringField("id", read_only=True),
        StringField("username", read_only=True),
        StringField("email", read_only=True),
        StringField("full_name", maxlength=100),
        EnumField("role", choices=[(role.value, role.value) for role in Role], required=True),
        "is_active",  # type: ignore[list-item]
        DateTimeField("created_at", read_only=True),
        DateTimeField("updated_at", read_only=True),
    ]
    exclude_fields_from_list = ["id", "updated_at"]
    searchable_fields = ["username", "email", "full_name"]
    fields_default_sort = [("created_at", True)]

    def can_create(self, request: Request) -> bool:
        return False

    def can_delete(self, request: Request) -> bool:
        return False

    async def validate(self, request: Request, data: dict[str, Any]) -> None:
        own = request.query_params.get("pk") == str(request.state.principal.user.id)
        if own and (data["role"] != Role.ADMIN.value or not data["is_active"]):
            raise FormValidationError({"role": "You cannot take this page from yourself."})
        if len(data["full_name"] or "") > 100:
            raise FormValidationError({"full_name": "At most 100 characters."})
        data["full_name"] = data["full_name"] or ""


class ItemView(EntityView):
    """Items."""

    table = Item
    key = "items"
    menu_label = "Items"
    display_name = "Item"
    icon = "fa fa-box"
    fields = [
        StringField("id", read_only=True),
        StringField("title", required=True, maxlength=200),
        TextAreaField("description", maxlength=10_000),
        IntegerField("price_cents", min=0, max=LARGEST_INTEGER),
        StringField("status", required=True, maxlength=16),
        StringField("owner_id", read_only=True),
        DateTimeField("created_at", read_only=True),
        DateTimeField("updated_at", read_only=True),
    ]
    exclude_fields_from_list = ["id", "description", "owner_id"]
    searchable_fields = ["title", "description"]
    fields_default_sort = [("created_at", True)]

    def can_create(self, request: Request) -> bool:
        return False

    async def validate(self, request: Request, data: dict[str, Any]) -> None:
        wrong: dict[str | int, Any] = {}
        if not 1 <= len((data["title"] or "").strip()) <= 200:
            wrong["title"] = "1 to 200 characters."
        if not 0 <= (data["price_cents"] or 0) <= LARGEST_INTEGER:
            wrong["price_cents"] = f"0 to {LARGEST_INTEGER}."
        if await request.state.session.get(Status, data["status"] or "") is None:
            wrong["status"] = "There is no such status."
        if wrong:
            raise FormValidationError(wrong)
        data.update(description=data["description"] or "", price_cents=data["price_cents"] or 0)


class StatusView(EntityView):
    """The statuses that items can have."""

    table = Status
    key = "statuses"
    menu_label = "Statuses"
    display_name = "Status"
    icon = "fa fa-tags"
    show_pk_in_forms = True
    fields = [
        StringField("code", required=True, maxlength=16),
        StringField("label", required=True, maxlength=50),
        IntegerField("position", min=0, max=LARGEST_INTEGER),
    ]
    exclude_fields_from_edit = ["code"]
    fields_default_sort = ["position"]

    async def validate(self, request: Request, data: dict[str, Any]) -> None:
        wrong: dict[str | int, Any] = {}
        if "code" in data and not (data["code"] or "").isidentifier():
            wrong["code"] = "Letters, digits and _."
        elif "code" in data and await request.state.session.get(Status, data["code"]):
            wrong["code"] = "There is one of that name."
        if not 1 <= len((data["label"] or "").strip()) <= 50:
            wrong["label"] = "1 to 50 characters."
        if wrong:
            raise FormValidationError(wrong)
        data["position"] = data["position"] or 0

    async def before_delete(self, request: Request, obj: Any) -> None:
        used = select(exists().where(Item.status == obj.code))
        if await request.state.session.scalar(used):
            raise ActionFailed(f"There are items that are {obj.label}.")


class AuditView(BaseModelView):
    """The newest records of the audit log, from wherever it is kept. Nobody changes them."""

    key = "audit"
    menu_label = "Audit log"
    display_name = "Record"
    icon = "fa fa-clipboard-list"
    pk_attr = "id"
    fields = [
        StringField("id"),
        DateTimeField("at"),
        StringField("action"),
        StringField("actor_id"),
        StringField("target"),
        StringField("request_id"),
        JSONField("details"),
    ]
    exclude_fields_from_list = ["id", "details"]
    searchable_fields = ["action", "target"]
    sortable_fields = []
    exporters = []
    importers = []
    actions = []
    row_actions = ["view"]
    page_size = 25
    page_size_options = [25]
    column_visibility = False

    def __init__(self, get_resources: GetResources) -> None:
        self.get_resources = get_resources
        super().__init__()

    def can_create(self, request: Request) -> bool:
        return False

    def can_edit(self, request: Request) -> bool:
        return False

    def can_delete(self, request: Request) -> bool:
        return False

    def can_export(self, request: Request) -> bool:
        return False

    def can_import(self, request: Request) -> bool:
        return False

    async def find_all(
        self,
        request: Request,
        skip: int = 0,
        limit: int = 100,
        q: str | None = None,
        sorts: Sequence[tuple[str, str]] | None = None,
        filters: FilterGroup | None = None,
    ) -> Sequence[AuditRecord]:
        found = await self._found(q)
        return found[skip : skip + limit if limit > 0 else None]

    async def count(self, request: Request, q: str | None = None, filters: FilterGroup | None = None) -> int:
        return len(await self._found(q))

    async def find_by_pk(self, request: Request, pk: Any) -> AuditRecord | None:
        return next(iter(await self.find_by_pks(request, [pk])), None)

    async def find_by_pks(self, request: Request, pks: list[Any]) -> Sequence[AuditRecord]:
        wanted = {str(pk) for pk in pks}
        return [record for record in await self._found(None) if str(record.id) in wanted]

    async def create(self, request: Request, data: dict[str, Any]) -> Any:
        raise ActionFailed("Records are made by what happens.")

    async def edit(self, request: Request, pk: Any, data: dict[str, Any]) -> Any:
        raise ActionFailed("Records are never changed.")

    async def delete(self, request: Request, pks: list[Any]) -> int | None:
        raise ActionFailed("Records are never removed.")

    async def _found(self, text: str | None) -> Sequence[AuditRecord]:
        records = await self.get_resources().audit.latest(SHOWN_RECORDS)
        if not text:
            return records
        return [record for record in records if text in record.action or text in record.target]


VIEWS: tuple[type[EntityView] | type[AuditView], ...] = (UserView, ItemView, StatusView, AuditView)
