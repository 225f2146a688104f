/* Sends numbered messages over many WebSockets and times their acknowledgements. generator.py writes the script, compiles
   and starts this, and reads the line of JSON that it prints.

   It knows nothing of the protocol: every message comes encoded and masked from the script, and only its number is written
   over. One thread, with one system call for each message that it sends or receives, is far from being as busy as a server
   that does anything with them. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "peer.h"
#include "script.h"
#include "tally.h"

static struct {
  int port;
  double rate, warm_s, window_s, patience_s;  /* rate 0: a closed loop */
  int first;                                  /* before all other processes of its core */
  pid_t server, database;                     /* 0: none */
  const char *opened, *until;                 /* made when all are there; what ends the window before its time. NULL: none */
} plan;

enum { OPENING_AT_ONCE = 16, OPENING_S = 120, MOST_TRIES = 20, AGAIN_MS = 200 };

static struct reading come, there;

static void finish(struct reading begin, struct reading end) {
  tell(come, there, begin, end);
  printf("\"last_numbers\": [");
  for (uint32_t i = 0; i < script.senders; i++) printf(i ? ", %u" : "%u", peers[i].acked);
  puts("]}");
  exit(0);
}

/* A server that is busy puts newcomers off: who was sent away comes again. */
static void come_again(uint32_t begun) {
  static uint32_t tries;
  if (tries++ == MOST_TRIES) finish((struct reading){0}, (struct reading){0});
  usleep(AGAIN_MS * 1000);
  forget_failures();
  for (uint32_t i = 0; i < begun; i++)
    if (peers[i].fd < 0) begin_opening(i, plan.port);
}

static void open_all(void) {
  uint32_t begun = 0;
  uint64_t end = now() + OPENING_S * SECOND;
  come = read_all(plan.server, plan.database);
  while (tally.opened < peers_in_all()) {
    while (begun < peers_in_all() && opening < OPENING_AT_ONCE) begin_opening(begun++, plan.port);
    receive_until(now() + SECOND / 10);
    if (has_failed()) come_again(begun);
    if (now() > end) give_up("after %d s %u of %u connections are open", OPENING_S, tally.opened,
                            peers_in_all());
  }
  there = read_all(plan.server, plan.database);
  FILE *sign = plan.opened ? fopen(plan.opened, "w") : NULL;
  if (sign) fclose(sign);
}

/* Sends what is due, and receives until the next message is. */
static void keep_rate(uint64_t began, uint64_t *count, uint64_t end) {
  uint64_t due = began + (uint64_t)(*count * 1e9 / plan.rate);
  /* Some at a time: a generator that is behind must still receive. */
  for (int burst = 0; burst < 32 && due <= now() && due < end; burst++) {
    send_next(&peers[(*count)++ % script.senders], due);
    due = began + (uint64_t)(*count * 1e9 / plan.rate);
  }
  receive_until(due < end ? due : end);
}

static bool is_told_to_end(void) {
  static uint64_t asked;
  static bool told;
  if (plan.until && !told && now() > asked + SECOND / 20) {
    asked = now();
    told = access(plan.until, F_OK) == 0;
  }
  return told;
}

static void run_until(uint64_t began, uint64_t *count, uint64_t end) {
  while (now() < end && !is_told_to_end()) {
    uint64_t soon = plan.until ? now() + SECOND / 20 : end;
    if (closed_loop || script.senders == 0) receive_until(soon < end ? soon : end);
    else keep_rate(began, count, end);
  }
}

static void run(void) {
  uint64_t began = now(), count = 0;
  tally.window_begins = began + (uint64_t)(plan.warm_s * 1e9);
  tally.window_ends = tally.window_begins + (uint64_t)(plan.window_s * 1e9);
  closed_loop = plan.rate == 0;
  for (uint32_t i = 0; closed_loop && i < script.senders; i++) send_next(&peers[i], began);
  run_until(began, &count, tally.window_begins);
  struct reading begin = read_all(plan.server, plan.database);
  run_until(began, &count, tally.window_ends);
  struct reading end = read_all(plan.server, plan.database);
  tally.window_ends = end.at;
  uint64_t give_up_at = now() + (uint64_t)(plan.patience_s * 1e9);
  while ((awaited > 0 || tally.rows < tally.acked * script.rows_each) && now() < give_up_at) receive_until(now() + SECOND / 20);
  finish(begin, end);
}

static const char *read_arguments(int count, char **arguments) {
  const char *path = NULL;
  for (int i = 1; i + 1 < count; i += 2) {
    const char *name = arguments[i], *value = arguments[i + 1];
    if (!strcmp(name, "--script")) path = value;
    else if (!strcmp(name, "--port")) plan.port = atoi(value);
    else if (!strcmp(name, "--rate")) plan.rate = atof(value);
    else if (!strcmp(name, "--warm")) plan.warm_s = atof(value);
    else if (!strcmp(name, "--window")) plan.window_s = atof(value);
    else if (!strcmp(name, "--patience")) plan.patience_s = atof(value);
    else if (!strcmp(name, "--opened")) plan.opened = value;
    else if (!strcmp(name, "--until")) plan.until = value;
    else if (!strcmp(name, "--first")) plan.first = atoi(value);
    else if (!strcmp(name, "--server")) plan.server = atoi(value);
    else if (!strcmp(name, "--database")) plan.database = atoi(value);
    else give_up("unknown: %s", name);
  }
  if (path == NULL || plan.port == 0) give_up("--script and --port are missing");
  return path;
}

/* This process has a session of its own, which is a group of its own to the scheduler of Linux: its nice value holds inside
   of it, and groups are equals, unless they are told otherwise. */
static void keep_priority(void) {
  int nice_value = getpriority(PRIO_PROCESS, 0);
  FILE *group = nice_value ? fopen("/proc/self/autogroup", "w") : NULL;
  if (group == NULL) return;
  fprintf(group, "%d", nice_value);
  fclose(group);
}

int main(int count, char **arguments) {
  const char *path = read_arguments(count, arguments);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  /* Timers of an ordinary process are up to 50 µs late. */
  prctl(PR_SET_TIMERSLACK, 1);
  keep_priority();
  /* Who may not do this shares the core: then a part of each latency is this process waiting for its turn. */
  if (plan.first) sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){1});
  read_script(path);
  make_peers();
  open_all();
  run();
}
