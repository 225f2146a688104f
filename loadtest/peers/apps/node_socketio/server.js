// Answers over Socket.IO for Node, as its documentation sets a server up.
//
// An answer is a row in PostgreSQL before it is acknowledged; then the monitors of its room are told.
//
//   node server.js PORT, with DATABASE_URL in the environment
"use strict";
const { createServer } = require("node:http");
const { Pool } = require("pg");
const { Server } = require("socket.io");

const INSERT = {
  name: "insert an answer",
  text: "INSERT INTO answers (attempt, n, question, value, position, at_ms) VALUES ($1, $2, $3, $4, $5, $6)",
};

const pool = new Pool({ connectionString: process.env.DATABASE_URL });
const http = createServer();
const io = new Server(http);

io.on("connection", (socket) => {
  const { attempt, room, monitor } = socket.handshake.auth;
  if (monitor) socket.join(room);
  socket.on("answer", async (data, acknowledge) => {
    const { n, question, value, position, at } = data;
    await pool.query({ ...INSERT, values: [attempt, n, question, value, position, at] });
    io.to(room).emit("row", { attempt, n, question, position });
    acknowledge({ n });
  });
  socket.on("echo", (data, acknowledge) => acknowledge(data));
});

http.listen(Number(process.argv[2]), "127.0.0.1");
