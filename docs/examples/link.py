"""Registers a document and links it over RabbitMQ, then waits to hear of the link."""
import asyncio, json, os, ulid, aio_pika

WORKSPACE = os.environ.get("DOCLINK_WORKSPACE", "ws_123")

def command(**payload):
    return {"command_id": f"cmd_{ulid.ULID()}", "workspace_id": WORKSPACE, "actor": "usr_01HW0", **payload}

async def main():
    connection = await aio_pika.connect(os.environ["DOCLINK_AMQP_URL"])
    async with connection, await connection.channel(on_return_raises=True) as channel:
        inbox = await channel.declare_queue(exclusive=True)
        await inbox.bind("doclink.events", "link.created")
        commands = await channel.get_exchange("doclink.commands")
        register = command(name="Acme-NDA.pdf", mime_type="application/pdf", storage_path=f"workspaces/{WORKSPACE}/{ulid.ULID()}.pdf")
        document_id = register["command_id"].replace("cmd_", "doc_")  # ids are derived, not drawn
        link = command(document_id=document_id, entity_type="deal", entity_id="deal_01HY1", role="signed")
        for key, body in (("document.register", register), ("link.create", link)):
            message = aio_pika.Message(json.dumps(body).encode(), content_type="application/json", delivery_mode=2)
            await commands.publish(message, key)  # returns when RabbitMQ has it safe
        async for message in inbox.iterator(no_ack=True):
            event = json.loads(message.body)  # a CloudEvent
            if event["data"]["document_id"] == document_id:
                return print(json.dumps(event, indent=2))

asyncio.run(main())
