#include "processor.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Exact to the nanosecond, where /proc counts ticks of ten milliseconds. */
double cpu_of(pid_t pid) {
  clockid_t clock;
  struct timespec time;
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return time.tv_sec + time.tv_nsec / 1e9;
}

/* What its children had used that have ended, in ticks: they have no clock any more. */
static double cpu_of_the_ended(pid_t pid) {
  char path[64], line[1024] = "";
  unsigned long user = 0, system = 0;
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  FILE *stat = fopen(path, "r");
  if (stat == NULL) return 0;
  /* The name may hold spaces; what follows its closing bracket does not. */
  const char *end_of_name = fgets(line, sizeof line, stat) ? strrchr(line, ')') : NULL;
  fclose(stat);
  if (end_of_name) sscanf(end_of_name, ") %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %lu %lu", &user, &system);
  return (double)(user + system) / sysconf(_SC_CLK_TCK);
}

double cpu_of_family(pid_t pid) {
  char path[64];
  long child;
  if (pid == 0) return 0;
  double total = cpu_of(pid) + cpu_of_the_ended(pid);
  snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
  FILE *children = fopen(path, "r");
  if (children == NULL) return total;
  while (fscanf(children, "%ld", &child) == 1) total += cpu_of_family(child);
  fclose(children);
  return total;
}
