"""Plans: what one request for a route takes, step by step, worked out once.

``model`` says what a plan is, ``lowering`` makes one from an operation, ``stock`` lists what must be as it
was shipped for a plan to stand for the reference path, ``recovery`` holds what a plan asks of Python when
something is raised, ``shortcuts`` which middleware is called past. The extension runs plans (``rust/src/dispatch``).
"""

from fastapi.plan.front import front as front
from fastapi.plan.lowering import compiled as compiled
from fastapi.plan.lowering import lower as lower
from fastapi.plan.model import Operation as Operation
from fastapi.plan.model import RoutePlan as RoutePlan
from fastapi.plan.model import Step as Step
from fastapi.plan.shortcuts import shortcut as shortcut
