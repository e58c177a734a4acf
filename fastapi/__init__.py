"""FastAPI's API, for building HTTP and websocket APIs from type hints, on a core in Rust."""

# The first two find a wrong installation, and say so, before something else fails because of it.
import fastapi._collision  # isort: skip
import fastapi._rust  # noqa: F401  # isort: skip

from typing import TYPE_CHECKING

from starlette import status as status

from fastapi._public import on_demand
from fastapi._version import API_LEVEL
from fastapi.applications import FastAPI as FastAPI
from fastapi.background import BackgroundTasks as BackgroundTasks
from fastapi.datastructures import UploadFile as UploadFile
from fastapi.exceptions import HTTPException as HTTPException
from fastapi.exceptions import WebSocketException as WebSocketException
from fastapi.param_functions import Body as Body
from fastapi.param_functions import Cookie as Cookie
from fastapi.param_functions import Depends as Depends
from fastapi.param_functions import File as File
from fastapi.param_functions import Form as Form
from fastapi.param_functions import Header as Header
from fastapi.param_functions import Path as Path
from fastapi.param_functions import Query as Query
from fastapi.param_functions import Security as Security
from fastapi.params import Param as Param
from fastapi.requests import Request as Request
from fastapi.responses import Response as Response
from fastapi.routing import APIRouter as APIRouter
from fastapi.websockets import WebSocket as WebSocket
from fastapi.websockets import WebSocketDisconnect as WebSocketDisconnect

if TYPE_CHECKING:
    from fastapi.params import get_param_schema as get_param_schema
    from fastapi.params import load_params_schema as load_params_schema
    from fastapi.params import param_factory as param_factory
    from fastapi.params import reload_params_schema as reload_params_schema
else:
    __getattr__ = on_demand(
        globals(),
        {"fastapi.params.schema": "get_param_schema load_params_schema param_factory reload_params_schema"},
    )

__version__ = API_LEVEL
