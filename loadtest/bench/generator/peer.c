#define _GNU_SOURCE
#include "peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "script.h"
#include "tally.h"

enum { BUFFER = 1 << 22, EVENTS = 256, BEHIND_ONE_ADDRESS = 100 };

struct peer *peers;
uint64_t awaited;
uint32_t opening;
bool closed_loop;
static int epoll;

void make_peers(void) {
  peers = room_for(peers_in_all(), sizeof *peers);
  epoll = epoll_create1(0);
}

static uint32_t place_of(const struct peer *peer) { return peer - peers; }

static bool is_open(const struct peer *peer) { return peer->step == steps_of(place_of(peer)); }

static void end(struct peer *peer) {
  if (peer->fd < 0) return;
  close(peer->fd);
  peer->fd = -1;
  if (!is_open(peer)) opening--;
  awaited -= peer->sent - peer->acked;
}

static void lose(struct peer *peer, const char *why) {
  tally.lost++;
  note_failure(why, NULL, 0);
  end(peer);
}

/* ---- sending ---- */

static void say(struct peer *peer, struct blob message) {
  /* So little always fits into the buffer of a socket, unless the server has stopped to read. */
  if (send(peer->fd, message.data, message.size, MSG_NOSIGNAL) != (ssize_t)message.size)
    lose(peer, "a message did not fit into the socket");
}

/* Each peer goes through all messages of the script, and begins at a place of its own. */
void send_next(struct peer *peer, uint64_t due) {
  uint32_t number = peer->sent + 1;
  if (peer->fd < 0) return;
  if (number > LAST_NUMBER) {
    lose(peer, "its numbers are used up");
    return;
  }
  if (number - peer->acked > SEND_WINDOW) {
    lose(peer, "more messages are unacknowledged than a client may send");
    return;
  }
  peer->due[number % SEND_WINDOW] = due;
  peer->sent = number;
  tally.sent++;
  awaited++;
  note_delay(due, now());
  say(peer, message_with(place_of(peer) + number, number));
}

/* As many come from one address as a school has in a room: servers have limits for each address. */
static void come_from(int fd, uint32_t index) {
  struct sockaddr_in address = {.sin_family = AF_INET};
  uint32_t school = index / BEHIND_ONE_ADDRESS;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + ((school / 250 + 1) << 8) + school % 250);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) give_up("no address: %s", strerror(errno));
}

void begin_opening(uint32_t index, int port) {
  struct peer *peer = &peers[index];
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  struct epoll_event event = {.events = EPOLLIN, .data.u32 = index};
  int on = 1;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  peer->step = 0;
  peer->unread_size = 0;
  peer->sent = peer->acked = script.first_number - 1;
  peer->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (peer->fd < 0) give_up("no socket: %s", strerror(errno));
  setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  come_from(peer->fd, index);
  opening++;
  /* This waits while the queue of the listening socket is full; then there is nothing else to do either. */
  if (connect(peer->fd, (struct sockaddr *)&address, sizeof address) != 0) give_up("no connection: %s", strerror(errno));
  epoll_ctl(epoll, EPOLL_CTL_ADD, peer->fd, &event);
  say(peer, said_by(index, 0));
}

/* ---- receiving ---- */

static void take_step(struct peer *peer) {
  struct blob next;
  peer->step++;
  if (!is_open(peer)) {
    next = said_by(place_of(peer), peer->step);
    /* It may have to wait for two messages, one after the other. */
    if (next.size) say(peer, next);
    return;
  }
  tally.opened++;
  opening--;
}

/* One acknowledgement stands for all messages up to its number; in text, for one message. */
static void take_reply(struct peer *peer, uint32_t number) {
  uint64_t time = now();
  if (number > peer->sent || number <= peer->acked || (script.is_text && number != peer->acked + 1)) {
    tally.unexpected++;
    note_failure("a number was acknowledged for which nobody waited", NULL, 0);
    return;
  }
  while (peer->acked < number) {
    note_latency(peer->due[++peer->acked % SEND_WINDOW], time);
    tally.acked++;
    awaited--;
  }
  if (closed_loop && time < tally.window_ends && peer->sent == peer->acked) send_next(peer, time);
}

static void take_message(struct peer *peer, const uint8_t *payload, size_t size) {
  for (uint32_t i = 0; i < script.failures; i++)
    if (begins_with(script.failing[i], payload, size)) {
      tally.refused++;
      note_failure("the server says no", payload, size);
      end(peer);
      return;
    }
  if (script.ping.size && size == script.ping.size && begins_with(script.ping, payload, size)) {
    say(peer, script.pong);
  } else if (!is_open(peer)) {
    if (begins_with(awaited_by(place_of(peer), peer->step), payload, size)) take_step(peer);
  } else if (is_watcher(place_of(peer))) {
    tally.row_bytes += size;
    if (begins_with(script.row, payload, size)) tally.rows++;
  } else {
    uint32_t number;
    if (begins_with(script.reply, payload, size) &&
        number_in(payload + script.reply.size, size - script.reply.size, &number))
      take_reply(peer, number);
  }
}

static void pong(struct peer *peer, const uint8_t *payload, size_t size) {
  uint8_t frame[HEADER + 125] = {0x8a, 0x80 | size};
  if (size > 125) return;
  memcpy(frame + HEADER, payload, size);
  say(peer, (struct blob){frame, HEADER + size});
}

/* Bytes of the first frame; 0 where not all of it is there. */
static size_t take_frame(struct peer *peer, const uint8_t *data, size_t size) {
  size_t header = 2, length;
  if (size < 2) return 0;
  length = data[1] & 127;
  if (length == 126) {
    if (size < 4) return 0;
    header = 4;
    length = data[2] << 8 | data[3];
  } else if (length == 127) {
    if (size < 10) return 0;
    header = 10;
    length = (size_t)data[6] << 24 | data[7] << 16 | data[8] << 8 | data[9];
    if (data[2] | data[3] | data[4] | data[5] || length > BUFFER / 2) {
      lose(peer, "a message of the server is too large");
      return 0;
    }
  }
  if (size < header + length) return 0;
  switch (data[0]) {
    case 0x81: case 0x82: take_message(peer, data + header, length); break;
    case 0x88: lose(peer, "the server has closed the connection"); break;
    case 0x89: pong(peer, data + header, length); break;
    default: break;
  }
  return header + length;
}

/* The same for the answer to the handshake. */
static size_t take_head(struct peer *peer, const uint8_t *data, size_t size) {
  const uint8_t *end_of_head = memmem(data, size, "\r\n\r\n", 4);
  if (end_of_head == NULL) return 0;
  if (begins_with(awaited_by(place_of(peer), 0), data, size)) take_step(peer);
  else lose(peer, "the server refuses the handshake");
  return end_of_head + 4 - data;
}

static void keep_unread(struct peer *peer, const uint8_t *data, size_t size) {
  free(peer->unread);
  peer->unread = size ? room_for(size, 1) : NULL;
  peer->unread_size = size;
  if (size) memcpy(peer->unread, data, size);
}

static void receive(struct peer *peer) {
  static uint8_t buffer[BUFFER];
  size_t begin = 0, size = peer->unread_size;
  if (peer->fd < 0) return;
  if (size) memcpy(buffer, peer->unread, size);
  ssize_t more = recv(peer->fd, buffer + size, sizeof buffer - size, 0);
  if (more <= 0) {
    lose(peer, "the connection has ended");
    return;
  }
  size += more;
  while (peer->fd >= 0) {
    size_t taken = (peer->step == 0 ? take_head : take_frame)(peer, buffer + begin, size - begin);
    if (taken == 0) break;
    begin += taken;
  }
  if (size > begin || peer->unread_size) keep_unread(peer, buffer + begin, size - begin);
}

void receive_until(uint64_t time) {
  struct epoll_event events[EVENTS];
  uint64_t present = now(), left = time > present ? time - present : 0;
  struct timespec wait = {left / SECOND, left % SECOND};
  int count = epoll_pwait2(epoll, events, EVENTS, &wait, NULL);
  for (int i = 0; i < count; i++) receive(&peers[events[i].data.u32]);
}
