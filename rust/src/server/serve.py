"""What the task of a request runs: the application, and the server's word about its end."""


def ends(channel):
    """ASGI's ``receive`` and ``send``."""
    pull = channel.pull
    push = channel.push

    async def receive():
        while (message := pull()).__class__ is not dict:
            await message
        return message

    async def send(message):
        while (room := push(message)) is not None:
            await room

    return receive, send


async def serve(app, arguments, channel):
    try:
        result = await app(*arguments, *ends(channel))
    except BaseException as error:
        channel.ended(error, None)
    else:
        channel.ended(None, result)
