/* What is sent and waited for: the file that script.py writes, which also says what its parts mean. */
#ifndef SCRIPT_H
#define SCRIPT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  LAST_NUMBER = 65535,
  DIGITS = 5,    /* of a number in text; else it has two bytes */
  HEADER = 6,    /* of a masked frame with less than 126 bytes: two, and the mask */
  PLACES = 2,    /* at which a number may stand in a message */
};

struct blob { const uint8_t *data; uint32_t size; };

/* Peers that send, and after them watchers, who only come and listen: each kind has steps of its own. */
struct script {
  uint32_t senders, watchers, steps, watching_steps, messages, failures, first_number, is_text, rows_each, places;
  uint32_t number_at[PLACES];
  struct blob *awaited, *watching, reply, row, ping, pong, *failing, *message, *said, *said_by_watchers;
};
extern struct script script;

void read_script(const char *path);
bool begins_with(struct blob prefix, const uint8_t *data, size_t size);
struct blob message_with(uint32_t place, uint32_t number);
uint32_t peers_in_all(void);
bool is_watcher(uint32_t peer);
uint32_t steps_of(uint32_t peer);
struct blob said_by(uint32_t peer, uint32_t step);
struct blob awaited_by(uint32_t peer, uint32_t step);
bool number_in(const uint8_t *data, size_t size, uint32_t *number);

void give_up(const char *format, ...);
void *room_for(size_t count, size_t size);
#endif
