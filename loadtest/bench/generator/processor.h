/* The processor time of processes, from outside. */
#ifndef PROCESSOR_H
#define PROCESSOR_H
#include <sys/types.h>

double cpu_of(pid_t pid);         /* seconds, all threads */
double cpu_of_family(pid_t pid);  /* of a process and of all that it has started; 0 for no process */
#endif
