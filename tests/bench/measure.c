// measure COMMAND...: runs it with its standard output thrown away, and prints one line of what it cost, its
// children included: wall time in ns, CPU time in us, the greatest resident set in KiB, the wait status.
//
// A program of its own because it is small: until a child calls execve(2), Linux counts the memory of the
// process that forked it as the child's.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long microseconds(struct timeval time) {
  return time.tv_sec * 1000000LL + time.tv_usec;
}

int main(int argc, char** argv) {
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (argc < 2 || nowhere < 0) return 64;
  struct timespec start;
  struct timespec end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  const pid_t child = vfork();
  if (child == 0) {
    dup2(nowhere, STDOUT_FILENO);
    execvp(argv[1], argv + 1);
    _exit(127);
  }
  int status = 0;
  struct rusage usage;
  if (child < 0 || wait4(child, &status, 0, &usage) != child) return 70;
  clock_gettime(CLOCK_MONOTONIC, &end);
  printf("%lld %lld %ld %d\n", (end.tv_sec - start.tv_sec) * 1000000000LL + end.tv_nsec - start.tv_nsec,
         microseconds(usage.ru_utime) + microseconds(usage.ru_stime), usage.ru_maxrss, status);
  return 0;
}
