#include "script.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct script script;
static const uint8_t *unread, *end;

void give_up(const char *format, ...) {
  va_list values;
  va_start(values, format);
  vfprintf(stderr, format, values);
  va_end(values);
  fputc('\n', stderr);
  exit(1);
}

void *room_for(size_t count, size_t size) {
  void *room = calloc(count ? count : 1, size);
  if (room == NULL) give_up("no memory");
  return room;
}

static uint32_t read_number(void) {
  uint32_t number;
  if ((size_t)(end - unread) < sizeof number) give_up("the script is cut off");
  memcpy(&number, unread, sizeof number);
  unread += sizeof number;
  return number;
}

static struct blob read_blob(void) {
  struct blob blob = {.size = read_number()};
  blob.data = unread;
  if (blob.size > (size_t)(end - unread)) give_up("the script is cut off");
  unread += blob.size;
  return blob;
}

static struct blob *read_blobs(size_t count) {
  struct blob *blobs = room_for(count, sizeof *blobs);
  for (size_t i = 0; i < count; i++) blobs[i] = read_blob();
  return blobs;
}

static void read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) give_up("%s: %s", path, strerror(errno));
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  uint8_t *data = room_for(size, 1);
  if (fread(data, 1, size, file) != (size_t)size) give_up("%s can't be read", path);
  fclose(file);
  unread = data;
  end = data + size;
}

void read_script(const char *path) {
  read_file(path);
  script.peers = read_number();
  script.steps = read_number();
  script.messages = read_number();
  script.failures = read_number();
  script.number_at = read_number();
  script.awaited = read_blobs(script.steps);
  script.reply = read_blob();
  script.failing = read_blobs(script.failures);
  script.message = read_blobs(script.messages);
  script.said = read_blobs((size_t)script.peers * script.steps);
}

bool begins_with(struct blob prefix, const uint8_t *data, size_t size) {
  return size >= prefix.size && memcmp(prefix.data, data, prefix.size) == 0;
}

struct blob said_by(uint32_t peer, uint32_t step) { return script.said[(size_t)peer * script.steps + step]; }

/* The number is written over the one before, under the mask of the frame. */
struct blob message_with(uint32_t place, uint32_t number) {
  struct blob message = script.message[place % script.messages];
  uint8_t *frame = (uint8_t *)message.data, *payload = frame + HEADER;
  const uint8_t *mask = payload - 4;
  uint32_t at = script.number_at;
  payload[at] = (number >> 8) ^ mask[at & 3];
  payload[at + 1] = (number & 255) ^ mask[(at + 1) & 3];
  return message;
}
