#include "processor.h"

#include <stdio.h>
#include <time.h>

/* Exact to the nanosecond, where /proc counts ticks of ten milliseconds. */
double cpu_of(pid_t pid) {
  clockid_t clock;
  struct timespec time;
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return time.tv_sec + time.tv_nsec / 1e9;
}

double cpu_of_family(pid_t pid) {
  char path[64];
  long child;
  if (pid == 0) return 0;
  double total = cpu_of(pid);
  snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
  FILE *children = fopen(path, "r");
  if (children == NULL) return total;
  while (fscanf(children, "%ld", &child) == 1) total += cpu_of_family(child);
  fclose(children);
  return total;
}
