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
  script.senders = read_number();
  script.watchers = read_number();
  script.steps = read_number();
  script.watching_steps = read_number();
  script.messages = read_number();
  script.failures = read_number();
  script.first_number = read_number();
  script.is_text = read_number();
  script.rows_each = read_number();
  script.places = read_number();
  for (int i = 0; i < PLACES; i++) script.number_at[i] = read_number();
  script.awaited = read_blobs(script.steps);
  script.watching = read_blobs(script.watching_steps);
  script.reply = read_blob();
  script.row = read_blob();
  script.ping = read_blob();
  script.pong = read_blob();
  script.failing = read_blobs(script.failures);
  script.message = read_blobs(script.messages);
  script.said = read_blobs((size_t)script.senders * script.steps);
  script.said_by_watchers = read_blobs((size_t)script.watchers * script.watching_steps);
}

bool begins_with(struct blob prefix, const uint8_t *data, size_t size) {
  return size >= prefix.size && memcmp(prefix.data, data, prefix.size) == 0;
}

uint32_t peers_in_all(void) { return script.senders + script.watchers; }

bool is_watcher(uint32_t peer) { return peer >= script.senders; }

uint32_t steps_of(uint32_t peer) { return is_watcher(peer) ? script.watching_steps : script.steps; }

struct blob said_by(uint32_t peer, uint32_t step) {
  if (is_watcher(peer)) return script.said_by_watchers[(size_t)(peer - script.senders) * script.watching_steps + step];
  return script.said[(size_t)peer * script.steps + step];
}

struct blob awaited_by(uint32_t peer, uint32_t step) {
  return is_watcher(peer) ? script.watching[step] : script.awaited[step];
}

/* The number is written over the one before, under the mask of the frame. */
struct blob message_with(uint32_t place, uint32_t number) {
  struct blob message = script.message[place % script.messages];
  uint8_t *frame = (uint8_t *)message.data, *payload = frame + HEADER, bytes[DIGITS + 1] = {number >> 8, number & 255};
  const uint8_t *mask = payload - 4;
  uint32_t width = script.is_text ? DIGITS : 2;
  if (script.is_text) snprintf((char *)bytes, sizeof bytes, "%05u", number % 100000);
  for (uint32_t i = 0; i < script.places; i++)
    for (uint32_t at = script.number_at[i], j = 0; j < width; j++, at++) payload[at] = bytes[j] ^ mask[at & 3];
  return message;
}

/* The number with which these bytes begin; whether there is one. */
bool number_in(const uint8_t *data, size_t size, uint32_t *number) {
  size_t width = script.is_text ? DIGITS : 2;
  *number = 0;
  if (size < width) return false;
  if (!script.is_text) *number = data[0] << 8 | data[1];
  for (size_t i = 0; script.is_text && i < width; i++) {
    if (data[i] < '0' || data[i] > '9') return false;
    *number = 10 * *number + data[i] - '0';
  }
  return true;
}
