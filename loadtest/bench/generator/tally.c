#include "tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "processor.h"
#include "script.h"

struct tally tally = {.window_begins = UINT64_MAX, .window_ends = UINT64_MAX};

struct series { uint32_t *microseconds; size_t size, room; };
static struct series latencies, delays;
static char failure[4096];  /* the first one, as JSON */

uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * SECOND + time.tv_nsec;
}

struct reading read_all(pid_t server, pid_t database) {
  return (struct reading){cpu_of_family(server), cpu_of_family(database), cpu_of(getpid()), now(), tally.acked,
                          tally.rows, tally.row_bytes};
}

static void note(struct series *series, uint64_t due, uint64_t time) {
  if (due < tally.window_begins || due >= tally.window_ends) return;
  if (series->size == series->room) {
    series->room = series->room ? 2 * series->room : 1 << 20;
    series->microseconds = realloc(series->microseconds, series->room * sizeof *series->microseconds);
    if (series->microseconds == NULL) give_up("no memory");
  }
  series->microseconds[series->size++] = (time - due) / 1000;
}

void note_latency(uint64_t due, uint64_t acked) { note(&latencies, due, acked); }

void note_delay(uint64_t due, uint64_t sent) { note(&delays, due, sent); }

/* generator.py decodes what the server has said. */
void note_failure(const char *why, const uint8_t *said, size_t size) {
  if (failure[0]) return;
  size_t length = snprintf(failure, sizeof failure, "\"failure\": \"%s\", \"said\": \"", why);
  for (size_t i = 0; i < size && length + 8 < sizeof failure; i++)
    length += snprintf(failure + length, sizeof failure - length, "%02x", said[i]);
  snprintf(failure + length, sizeof failure - length, "\", ");
}

bool has_failed(void) { return failure[0]; }

void forget_failures(void) {
  failure[0] = 0;
  tally.lost = tally.refused = 0;
}

static int by_size(const void *one, const void *other) {
  uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
  return a < b ? -1 : a > b;
}

static double percentile_ms(const struct series *sorted, double share) {
  size_t place = share * sorted->size;
  if (sorted->size == 0) return 0;
  return sorted->microseconds[place < sorted->size ? place : sorted->size - 1] / 1e3;
}

/* `come` to `there`: everybody comes. */
void tell(struct reading come, struct reading there, struct reading begin, struct reading end) {
  /* `qsort` wants no null pointer, not even for nothing. */
  if (latencies.size) qsort(latencies.microseconds, latencies.size, sizeof(uint32_t), by_size);
  if (delays.size) qsort(delays.microseconds, delays.size, sizeof(uint32_t), by_size);
  printf("{%s\"opened\": %u, \"lost\": %u, \"refused\": %u, \"unexpected\": %u, ", failure, tally.opened, tally.lost,
         tally.refused, tally.unexpected);
  printf("\"sent\": %lu, \"acked\": %lu, \"unacknowledged\": %lu, ", tally.sent, tally.acked, tally.sent - tally.acked);
  printf("\"window_s\": %.6f, \"window_acked\": %lu, ", (end.at - begin.at) / 1e9, end.acked - begin.acked);
  printf("\"server_cpu_s\": %.6f, \"database_cpu_s\": %.6f, \"generator_cpu_s\": %.6f, ", end.server - begin.server,
         end.database - begin.database, end.own - begin.own);
  printf("\"opening_s\": %.6f, \"opening_cpu_s\": %.6f, ", (there.at - come.at) / 1e9, there.server - come.server);
  printf("\"rows\": %lu, \"window_rows\": %lu, \"window_row_bytes\": %lu, ", tally.rows, end.rows - begin.rows,
         end.row_bytes - begin.row_bytes);
  printf("\"p50_ms\": %.3f, \"p99_ms\": %.3f, \"p999_ms\": %.3f, \"max_ms\": %.3f, \"late_p99_ms\": %.3f, ",
         percentile_ms(&latencies, 0.5), percentile_ms(&latencies, 0.99), percentile_ms(&latencies, 0.999),
         percentile_ms(&latencies, 1), percentile_ms(&delays, 0.99));
}
