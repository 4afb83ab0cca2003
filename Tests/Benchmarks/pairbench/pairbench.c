/* pairbench.c - interleaved whole-process timer:  A B C ... A B C ...  in one run.
 *   Tests/Benchmarks/run builds and uses it.
 *   ./pairbench [-n ROUNDS] [-w WARMUP] [-t SECONDS_PER_COMMAND] [-j FILE.jsonl] [-l LABEL] NAME=COMMAND ...
 * COMMAND is split at blanks and executed directly; one that has any of |;&<>$'"* goes through /bin/sh -c.
 * Output of the commands goes to /dev/null. Reports medians (and min of wall), peak RSS of the largest process
 * (wait4 rusage: the command and the children it waited for), and the median over rounds of wall/wall(first command).
 * Static and tiny on purpose: a child's ru_maxrss can not read below its parent's, so the timer must be small. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#define MAXC 64
#define MAXR 1000
static double W[MAXC][MAXR], U[MAXC][MAXR], S[MAXC][MAXR], M[MAXC][MAXR], T[MAXR];
static int rc[MAXC], dropped[MAXC];
static int cmp(const void *a, const void *b) { double x = *(double *)a, y = *(double *)b; return x < y ? -1 : x > y; }
static double med(double *v, int n) { memcpy(T, v, n * sizeof *v); qsort(T, n, sizeof *T, cmp); return n % 2 ? T[n / 2] : (T[n / 2 - 1] + T[n / 2]) / 2; }
static double mn(double *v, int n) { double m = v[0]; for (int i = 1; i < n; i++) if (v[i] < m) m = v[i]; return m; }
static pid_t child; static void onalrm(int s) { (void)s; if (child > 0) kill(-child, SIGKILL); }
static int run(char *cmd, double *w, double *u, double *s, double *m, int tmo) {
    char buf[4096], *av[128]; int n = 0; struct timespec a, b; struct rusage ru; int st;
    if (strpbrk(cmd, "|;&<>$'\"*")) { av[n++] = "/bin/sh"; av[n++] = "-c"; av[n++] = cmd; }
    else { snprintf(buf, sizeof buf, "%s", cmd); for (char *p = strtok(buf, " "); p && n < 126; p = strtok(NULL, " ")) av[n++] = p; }
    av[n] = NULL;
    clock_gettime(CLOCK_MONOTONIC, &a);
    child = vfork();
    if (!child) {
        setpgid(0, 0); int d = open("/dev/null", O_RDWR); dup2(d, 0); dup2(d, 1); dup2(d, 2);
        execvp(av[0], av); _exit(127);
    }
    alarm(tmo);
    while (wait4(child, &st, 0, &ru) < 0 && errno == EINTR) ;
    clock_gettime(CLOCK_MONOTONIC, &b); alarm(0);
    *w = (b.tv_sec - a.tv_sec) * 1e3 + (b.tv_nsec - a.tv_nsec) / 1e6;
    *u = ru.ru_utime.tv_sec * 1e3 + ru.ru_utime.tv_usec / 1e3; *s = ru.ru_stime.tv_sec * 1e3 + ru.ru_stime.tv_usec / 1e3;
    *m = ru.ru_maxrss / 1024.0; return WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
}
int main(int argc, char **argv) {
    int n = 7, warm = 1, tmo = 300, nc = 0; char *name[MAXC], *cmd[MAXC], *jf = NULL, *label = "";
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "-n")) n = atoi(argv[++i]); else if (!strcmp(argv[i], "-w")) warm = atoi(argv[++i]);
        else if (!strcmp(argv[i], "-t")) tmo = atoi(argv[++i]); else if (!strcmp(argv[i], "-j")) jf = argv[++i];
        else if (!strcmp(argv[i], "-l")) label = argv[++i];
        else { char *e = strchr(argv[i], '='); if (!e || nc == MAXC) return 2; *e = 0; name[nc] = argv[i]; cmd[nc++] = e + 1; }
    }
    if (!nc || n > MAXR) return 2;
    struct sigaction sa = {.sa_handler = onalrm}; sigaction(SIGALRM, &sa, NULL);
    double x; for (int k = 0; k < nc; k++) for (int i = 0; i < warm; i++) { rc[k] = run(cmd[k], &x, &x, &x, &x, tmo); if (rc[k] == 137) { dropped[k] = 1; break; } }
    for (int i = 0; i < n; i++) for (int k = 0; k < nc; k++) if (!dropped[k]) rc[k] = run(cmd[k], &W[k][i], &U[k][i], &S[k][i], &M[k][i], tmo);
    printf("%-34s %9s %9s %9s %9s %8s %9s  rc   (%d rounds%s%s)\n", "command", "wall ms", "min ms", "user ms", "sys ms", "RSS MiB", "x first", n, *label ? ", " : "", label);
    FILE *j = jf ? fopen(jf, "a") : NULL;
    for (int k = 0; k < nc; k++) {
        if (dropped[k]) { printf("%-34s killed at %d s\n", name[k], tmo); continue; }
        static double R[MAXR]; for (int i = 0; i < n; i++) R[i] = W[k][i] / W[0][i];
        double r = med(R, n);
        printf("%-34s %9.2f %9.2f %9.2f %9.2f %8.1f %9.3f  %d\n", name[k], med(W[k], n), mn(W[k], n), med(U[k], n), med(S[k], n), med(M[k], n), r, rc[k]);
        if (j) fprintf(j, "{\"label\":\"%s\",\"name\":\"%s\",\"rounds\":%d,\"wall_ms\":%.3f,\"min_ms\":%.3f,\"user_ms\":%.3f,\"sys_ms\":%.3f,\"rss_mib\":%.2f,\"ratio_first\":%.4f,\"rc\":%d}\n",
                       label, name[k], n, med(W[k], n), mn(W[k], n), med(U[k], n), med(S[k], n), med(M[k], n), r, rc[k]);
    }
    return 0;
}
