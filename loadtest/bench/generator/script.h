/* What is sent and waited for: the file that script.py writes, which also says what its parts mean. */
#ifndef SCRIPT_H
#define SCRIPT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  FIRST_NUMBER = 257,  /* from 256 to 65535 MessagePack writes a number in the same two bytes */
  LAST_NUMBER = 65535,
  HEADER = 6,          /* of a masked frame with less than 126 bytes: two, and the mask */
};

struct blob { const uint8_t *data; uint32_t size; };

struct script {
  uint32_t peers, steps, messages, failures, number_at;
  struct blob *awaited, reply, *failing, *message, *said;
};
extern struct script script;

void read_script(const char *path);
bool begins_with(struct blob prefix, const uint8_t *data, size_t size);
struct blob message_with(uint32_t place, uint32_t number);
struct blob said_by(uint32_t peer, uint32_t step);

void give_up(const char *format, ...);
void *room_for(size_t count, size_t size);
#endif
