// floor PLAN: the least that any durable writer must do to bring about a change of files: every file written
// aside, synced and renamed, every link set, every name removed, each changed directory synced once. No
// reading of what is there, no certificate, no proof. What it is told, one line each, fields parted by tabs:
//   directory PATH    file SOURCE PATH    link TARGET PATH    remove PATH    sync DIRECTORY
// A path of a file or link may exist already. Exit status 1 where a call fails.
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { most = 8192 };

struct step {
  const char* verb;
  const char* from;
  const char* path;
  int fd;
};

static struct step steps[most];
static int count;

static void need(int good, const char* call, const char* path) {
  if (good) return;
  fprintf(stderr, "floor: %s ", call);
  perror(path);
  exit(1);
}

static void read_plan(const char* path) {
  FILE* plan = fopen(path, "re");
  need(plan != NULL, "open", path);
  char* line = NULL;
  size_t room = 0;
  for (ssize_t length; (length = getline(&line, &room, plan)) > 0; ++count) {
    need(count < most, "too many steps in", path);
    line[length - 1] = '\0';
    struct step* step = &steps[count];
    char* rest = strdup(line);
    step->verb = strsep(&rest, "\t");
    const char* field = strsep(&rest, "\t");
    step->from = rest != NULL ? field : NULL;
    step->path = rest != NULL ? rest : field;
  }
  free(line);
  fclose(plan);
}

static const char* aside(const char* path) {
  static char name[PATH_MAX];
  snprintf(name, sizeof name, "%s.new", path);
  return name;
}

static void write_aside(struct step* step) {
  struct stat status;
  const int source = open(step->from, O_RDONLY | O_CLOEXEC);
  need(source >= 0 && fstat(source, &status) == 0, "open", step->from);
  const size_t size = (size_t)status.st_size;
  char* bytes = malloc(size);
  need(read(source, bytes, size) == (ssize_t)size, "read", step->from);
  close(source);
  step->fd = open(aside(step->path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  need(step->fd >= 0, "open", step->path);
  need(write(step->fd, bytes, size) == (ssize_t)size, "write", step->path);
  free(bytes);
  // All are under way before the first is waited for, and written before the first fsync: they share a commit.
  sync_file_range(step->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

static void set_link(const struct step* step) {
  if (symlink(step->from, step->path) == 0) return;
  need(symlink(step->from, aside(step->path)) == 0, "symlink", step->path);
  need(rename(aside(step->path), step->path) == 0, "rename", step->path);
}

static void sync_directory(const struct step* step) {
  const int directory = open(step->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  need(directory >= 0 && fsync(directory) == 0, "fsync", step->path);
  close(directory);
}

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  read_plan(argv[1]);
  struct step* const end = steps + count;
  for (struct step* step = steps; step != end; ++step)
    if (strcmp(step->verb, "directory") == 0) need(mkdir(step->path, 0755) == 0, "mkdir", step->path);
  for (struct step* step = steps; step != end; ++step)
    if (strcmp(step->verb, "file") == 0) write_aside(step);
  for (struct step* step = steps; step != end; ++step)
    if (strcmp(step->verb, "file") == 0)
      sync_file_range(step->fd, 0, 0,
                      SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
  for (struct step* step = steps; step != end; ++step)
    if (strcmp(step->verb, "file") == 0) need(fsync(step->fd) == 0, "fsync", step->path);
  for (struct step* step = steps; step != end; ++step)
    if (strcmp(step->verb, "file") == 0)
      need(rename(aside(step->path), step->path) == 0 && close(step->fd) == 0, "rename", step->path);
  for (struct step* step = steps; step != end; ++step)
    if (strcmp(step->verb, "link") == 0) set_link(step);
  for (struct step* step = steps; step != end; ++step)
    if (strcmp(step->verb, "remove") == 0) need(unlink(step->path) == 0, "unlink", step->path);
  for (struct step* step = steps; step != end; ++step)
    if (strcmp(step->verb, "sync") == 0) sync_directory(step);
  return 0;
}
