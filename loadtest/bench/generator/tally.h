/* What is counted, and told at the end as one line of JSON. */
#ifndef TALLY_H
#define TALLY_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define SECOND 1000000000ull

struct tally {
  uint32_t opened, lost, refused, unexpected;
  uint64_t sent, acked;
  uint64_t rows, row_bytes;             /* messages with rows that watchers have heard; bytes of all that they have */
  uint64_t window_begins, window_ends;  /* nanoseconds; only messages that are due between them are timed */
};
extern struct tally tally;

struct reading { double server, database, own; uint64_t at, acked, rows, row_bytes; };

uint64_t now(void);
struct reading read_all(pid_t server, pid_t database);
void note_latency(uint64_t due, uint64_t acked);
void note_delay(uint64_t due, uint64_t sent);
void note_failure(const char *why, const uint8_t *said, size_t size);
bool has_failed(void);
void forget_failures(void);
void tell(struct reading come, struct reading there, struct reading begin, struct reading end);
#endif
