"""Two empty models that ``fastapi.exceptions`` offers for what refers to a bad request by a model."""

from pydantic import BaseModel, create_model

RequestErrorModel: type[BaseModel] = create_model("Request", __module__="fastapi.exceptions")
WebSocketErrorModel: type[BaseModel] = create_model("WebSocket", __module__="fastapi.exceptions")
