"""Answers over python-socketio, as its documentation sets a server up: an `AsyncServer` as an ASGI application.

An answer is a row in PostgreSQL before it is acknowledged; then the monitors of its room are told.
"""

import os

import asyncpg
import socketio

INSERT = "INSERT INTO answers (attempt, n, question, value, position, at_ms) VALUES ($1, $2, $3, $4, $5, $6)"

sio = socketio.AsyncServer(async_mode="asgi")
database = {}


async def open_pool():
    database["pool"] = await asyncpg.create_pool(os.environ["DATABASE_URL"], ssl=False)


@sio.event
async def connect(sid, environ, auth):
    await sio.save_session(sid, auth)
    if auth.get("monitor"):
        await sio.enter_room(sid, auth["room"])


@sio.event
async def answer(sid, data):
    session = await sio.get_session(sid)
    n, question, value, position = data["n"], data["question"], data["value"], data["position"]
    await database["pool"].execute(INSERT, session["attempt"], n, question, value, position, data["at"])
    row = {"attempt": session["attempt"], "n": n, "question": question, "position": position}
    await sio.emit("row", row, room=session["room"])
    return {"n": n}


@sio.event
async def echo(sid, data):
    return data


app = socketio.ASGIApp(sio, on_startup=open_pool)
