// measure REPEATS COMMAND ARGS...: runs a command REPEATS times and prints the least processor time in seconds and the most memory in MiB.
// Processor time of the command and all it started, so that a busy machine disturbs little.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  double least = 1e9;
  long memory = 0;
  for (int n = std::atoi(argv[1]); n > 0; --n) {
    pid_t const child = fork();
    if (child == 0) {
      execvp(argv[2], argv + 2);
      _exit(127);
    }
    int status = 0;
    rusage used{};
    if (wait4(child, &status, 0, &used) < 0 || status != 0) return 1;
    auto const seconds = [](timeval t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
    least = std::min(least, seconds(used.ru_utime) + seconds(used.ru_stime));
    memory = std::max(memory, used.ru_maxrss);
  }
  std::printf("%.3f %ld\n", least, memory / 1024);
}
