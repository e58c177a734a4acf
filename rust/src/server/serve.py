"""What the task of a request runs: the application, and the server's word about its end."""


async def serve(app, scope, channel):
    pull = channel.pull
    push = channel.push

    async def receive():
        while (message := pull()).__class__ is not dict:
            await message
        return message

    async def send(message):
        while (room := push(message)) is not None:
            await room

    try:
        result = await app(scope, receive, send)
    except BaseException as error:
        channel.ended(error, None)
    else:
        channel.ended(None, result)
