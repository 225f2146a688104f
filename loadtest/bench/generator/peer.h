/* The far ends of many WebSockets. */
#ifndef PEER_H
#define PEER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SEND_WINDOW = 64 /* messages that a client may have unacknowledged */ };

struct peer {
  int fd;                     /* -1: its connection has ended */
  uint32_t step;              /* of its opening; after the last one it is open */
  uint32_t sent, acked;       /* numbers of its last message, and of the last one that was acknowledged */
  uint8_t *unread;            /* the beginning of a frame */
  size_t unread_size;
  uint64_t due[SEND_WINDOW];  /* when each unacknowledged message was to be sent */
};
extern struct peer *peers;
extern uint64_t awaited;      /* messages of open connections that are not acknowledged */
extern uint32_t opening;      /* connections that have begun to open */
extern bool closed_loop;      /* a peer sends its next message as soon as the last one is acknowledged */

void make_peers(void);
void begin_opening(uint32_t index, int port);
void send_next(struct peer *peer, uint64_t due);
void receive_until(uint64_t time);
#endif
