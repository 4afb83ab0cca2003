/* farm.c - TCP socket farm for benchmarks. Everything lives in a NEW network namespace.
 *
 *   Tests/Benchmarks/run builds and uses it.
 *   ./farm --sockets 100000 --listeners 100 --syn-recv 2000 --close-wait 5 --time-wait 2000 --hold 900
 *
 * Makes L listeners and N established loopback sockets (both ends counted, both ends held by
 * worker processes), a percentage of the connections half-closed (server CLOSE_WAIT / client
 * FIN_WAIT2, held), W TIME_WAIT minisockets (kept topped up by a slow churn, they live 60 s),
 * M half-open SYN_RECV requests (raw SYNs from 198.18.0.0/15, SYN-ACKs go to a black hole),
 * K listeners whose accept queue is full, and I idle processes with F descriptors each.
 * Prints one line "ready {json}" and holds until SIGTERM/SIGINT/--hold seconds.
 * Enter it with:  nsenter -t <nspid> -n [-p -m] COMMAND
 * Needs root. Changes sysctls only inside the namespace it made.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long opt_sockets = 10000, opt_listeners = 100, opt_procs = 10, opt_syn = 0, opt_tw = 0;
static long opt_cw = 0, opt_v6 = 0, opt_stuck = 0, opt_idle = 0, opt_idlefds = 20, opt_hold = 1800;
static long opt_ehash = 0, opt_pidns = 0, opt_late = 0, opt_cg = 0;

static char cgroot[64];
static void die(const char *f, ...) {
    va_list a; va_start(a, f); fprintf(stderr, "farm: "); vfprintf(stderr, f, a); va_end(a);
    fprintf(stderr, ": %s\n", strerror(errno)); exit(1);
}
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec / 1e9; }
static void put(const char *path, const char *val) {
    int fd = open(path, O_WRONLY); if (fd < 0) die("open %s", path);
    if (write(fd, val, strlen(val)) < 0) fprintf(stderr, "farm: write %s=%s: %s\n", path, val, strerror(errno));
    close(fd);
}
static long meminfo(const char *key) {
    char b[8192]; int fd = open("/proc/meminfo", O_RDONLY); ssize_t n = read(fd, b, sizeof b - 1); close(fd);
    if (n <= 0)
        return 0;
    b[n] = 0; char *p = strstr(b, key); return p ? atol(p + strlen(key)) : 0;
}
static void setup_net(void) {
    if (opt_ehash) {                       /* a per-netns ehash is sized by the PARENT netns' sysctl */
        if (unshare(CLONE_NEWNET)) die("unshare outer");
        char b[32]; snprintf(b, sizeof b, "%ld", opt_ehash);
        put("/proc/sys/net/ipv4/tcp_child_ehash_entries", b);
    }
    if (unshare(CLONE_NEWNET)) die("unshare net");
    int s = socket(AF_INET, SOCK_DGRAM, 0); struct ifreq r = {0}; strcpy(r.ifr_name, "lo");
    r.ifr_flags = IFF_UP | IFF_RUNNING; if (ioctl(s, SIOCSIFFLAGS, &r)) die("lo up");
    struct rtentry rt = {0}; struct sockaddr_in *a;
    a = (void *)&rt.rt_dst; a->sin_family = AF_INET; a->sin_addr.s_addr = inet_addr("198.18.0.0");
    a = (void *)&rt.rt_genmask; a->sin_family = AF_INET; a->sin_addr.s_addr = inet_addr("255.254.0.0");
    rt.rt_flags = RTF_UP; rt.rt_dev = "lo"; if (ioctl(s, SIOCADDRT, &rt)) die("route"); close(s);
    put("/proc/sys/net/ipv4/ip_local_port_range", "1024 65535");
    char res[96];
    snprintf(res, sizeof res, "7000-7999,8000-8999,9999,10000-%ld", 10000 + (opt_listeners < 40000 ? opt_listeners : 40000));
    put("/proc/sys/net/ipv4/ip_local_reserved_ports", res);
    put("/proc/sys/net/core/somaxconn", "1000000");
    put("/proc/sys/net/ipv4/tcp_max_syn_backlog", "1000000");
    put("/proc/sys/net/ipv4/tcp_synack_retries", "100");
    put("/proc/sys/net/ipv4/tcp_max_tw_buckets", "1000000");
}
static int mklisten(int fam, int port, int backlog, int linger) {
    int s = socket(fam, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1; if (s < 0) die("socket");
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (linger) { struct linger l = {1, 0}; setsockopt(s, SOL_SOCKET, SO_LINGER, &l, sizeof l); }
    if (fam == AF_INET6) {
        setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
        struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
        if (bind(s, (void *)&a, sizeof a)) die("bind6 %d", port);
    } else {
        struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
        if (bind(s, (void *)&a, sizeof a)) die("bind %d", port);
    }
    if (listen(s, backlog)) die("listen");
    return s;
}
static int conn_to(int fam, uint32_t ip, int port, int linger, int nonblock) {
    int c = socket(fam, SOCK_STREAM | SOCK_CLOEXEC | (nonblock ? SOCK_NONBLOCK : 0), 0); if (c < 0) die("socket");
    if (linger) { struct linger l = {1, 0}; setsockopt(c, SOL_SOCKET, SO_LINGER, &l, sizeof l); }
    int r;
    if (fam == AF_INET6) {
        struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = in6addr_loopback};
        r = connect(c, (void *)&a, sizeof a);
    } else {
        struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(ip)};
        r = connect(c, (void *)&a, sizeof a);
    }
    if (r && !(nonblock && errno == EINPROGRESS)) die("connect %08x:%d", ip, port);
    return c;
}
struct res { long conns, cw; };
static void worker(int w, int wfd) {
    prctl(PR_SET_PDEATHSIG, SIGKILL); signal(SIGTERM, SIG_DFL);
    char nm[16]; snprintf(nm, sizeof nm, "farmw%d", w); prctl(PR_SET_NAME, nm);
    long L = opt_listeners / opt_procs + (w < opt_listeners % opt_procs);
    long first = (long)w * (opt_listeners / opt_procs) + (w < opt_listeners % opt_procs ? w : opt_listeners % opt_procs);
    long C = opt_sockets / 2 / opt_procs; if (L == 0 && C) { L = 1; }
    int *ls = calloc(L, sizeof *ls), *fam = calloc(L, sizeof *fam); struct res r = {0, 0};
    if (opt_cg) {                                   /* a cgroup v2 group per worker, joined before the listeners exist */
        char p[128];
        snprintf(p, sizeof p, "%s/w%d", cgroot, w);
        mkdir(p, 0755);
        strcat(p, "/cgroup.procs");
        put(p, "0");
    }
    int pad = opt_late ? 1 : 0;
    for (long i = 0; pad && i < opt_late; i++) open("/dev/null", O_RDONLY);     /* push listeners to high fds */
    for (long i = 0; i < L; i++) {
        fam[i] = ((first + i) * 37 % 100) < opt_v6 ? AF_INET6 : AF_INET;
        ls[i] = mklisten(fam[i], 10000 + (first + i) % 40000, 4096, 1);
    }
    for (long j = 0; j < C; j++) {
        long li = j % L; uint32_t ip = (127u << 24) + 1 + (uint32_t)(j / L / 16000);
        int c = conn_to(fam[li], ip, 10000 + (first + li) % 40000, 1, 0);
        int s = accept4(ls[li], NULL, NULL, SOCK_CLOEXEC); if (s < 0) die("accept");
        if (opt_cw && j % 100 < opt_cw) { shutdown(c, SHUT_WR); r.cw++; }
        r.conns++;
    }
    if (write(wfd, &r, sizeof r) != sizeof r) _exit(1);
    close(wfd); for (;;) pause();
}
static uint16_t csum(const void *p, int n, uint32_t s) {
    const uint16_t *q = p; for (; n > 1; n -= 2) s += *q++; if (n) s += *(const uint8_t *)q;
    while (s >> 16) s = (s & 0xffff) + (s >> 16);
    return ~s;
}
static void syn_flood(long m, int base) {
    int raw = socket(AF_INET, SOCK_RAW, IPPROTO_RAW); if (raw < 0) die("raw");
    int buf = 8 << 20; setsockopt(raw, SOL_SOCKET, SO_SNDBUFFORCE, &buf, sizeof buf);
    struct sockaddr_in d = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001)};
    for (long i = 0; i < m; i++) {
        uint8_t p[44] = {0}; uint32_t src = htonl((198u << 24 | 18u << 16) + 1 + i % 100000), dst = d.sin_addr.s_addr;
        p[0] = 0x45; p[3] = 44; p[8] = 64; p[9] = 6; memcpy(p + 12, &src, 4); memcpy(p + 16, &dst, 4);
        uint16_t sp = htons(1024 + i / 100000 * 7 + i % 50000), dp = htons(base + i / 20000); uint32_t seq = htonl(1000 + i);
        memcpy(p + 20, &sp, 2); memcpy(p + 22, &dp, 2); memcpy(p + 24, &seq, 4);
        p[32] = 6 << 4; p[33] = 2; p[34] = 0xff; p[35] = 0xff; p[40] = 2; p[41] = 4; p[42] = 5; p[43] = 0xb4;
        uint32_t s = (src & 0xffff) + (src >> 16) + (dst & 0xffff) + (dst >> 16) + htons(6) + htons(24);
        uint16_t ck = csum(p + 20, 24, s); memcpy(p + 36, &ck, 2);
        if (sendto(raw, p, 44, 0, (void *)&d, sizeof d) < 0 && errno != ENOBUFS) die("sendto");
    }
    close(raw);
}
static int tw_l; static long tw_n;
static void tw_make(long n) {
    for (long i = 0; i < n; i++, tw_n++) {
        int c = conn_to(AF_INET, (127u << 24) + (1 << 16) + (uint32_t)(tw_n / 8000 % 60000), 9999, 0, 0);
        int s = accept4(tw_l, NULL, NULL, SOCK_CLOEXEC); close(c); close(s);
    }
}
static void onchld(int s) { (void)s; static const char m[] = "farm: a process of the farm died while it was being built\n"; (void)!write(2, m, sizeof m - 1); _exit(1); }
static void controller(int rfd) {
    long mem0 = meminfo("MemAvailable:"), slab0 = meminfo("Slab:"); double t0 = now();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (opt_pidns) { if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) || mount("proc", "/proc", "proc", 0, NULL)) die("mount /proc"); }
    struct sigaction sc = {.sa_handler = onchld, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
    sigaction(SIGCHLD, &sc, NULL);
    struct res tot = {0, 0}; long running = 0, started = 0, done = 0; int pfd[2]; if (pipe2(pfd, O_CLOEXEC)) die("pipe");
    while (done < opt_procs) {
        while (running < 2 && started < opt_procs) {
            pid_t p = fork(); if (p < 0) die("fork"); if (!p) { close(pfd[0]); close(rfd); worker(started, pfd[1]); }
            started++; running++;
        }
        struct res r; if (read(pfd[0], &r, sizeof r) != sizeof r) die("worker");
        tot.conns += r.conns; tot.cw += r.cw; done++; running--;
    }
    for (long i = 0; i < opt_idle; i++) {
        pid_t p = fork(); if (p < 0) die("fork idle %ld", i);
        if (!p) {
            prctl(PR_SET_PDEATHSIG, SIGKILL); prctl(PR_SET_NAME, "farmidle"); close(rfd); close(pfd[0]); close(pfd[1]);
            for (long f = 0; f < opt_idlefds - 3; f++) if ((f & 1 ? open("/dev/null", O_RDONLY) : socket(AF_UNIX, SOCK_STREAM, 0)) < 0) _exit(1);
            for (;;) pause();
        }
    }
    if (opt_syn) { for (long i = 0; i <= (opt_syn - 1) / 20000; i++) mklisten(AF_INET, 8000 + i, 1000000, 1); syn_flood(opt_syn, 8000); }
    long stuckconn = 0;
    for (long k = 0; k < opt_stuck; k++) {          /* backlog 8 => 9 fit; 4 more SYNs are dropped and counted */
        mklisten(AF_INET, 7000 + k, 8, 1);
        for (int i = 0; i < 13; i++, stuckconn++) conn_to(AF_INET, 0x7f000001, 7000 + k, 1, 1);
    }
    if (opt_tw) { tw_l = mklisten(AF_INET, 9999, 4096, 0); tw_make(opt_tw); }
    usleep(300000);
    long mem1 = meminfo("MemAvailable:"), slab1 = meminfo("Slab:"); char b[1024];
    int n = snprintf(b, sizeof b, "\"established_sockets\":%ld,\"close_wait\":%ld,\"fin_wait2\":%ld,\"listeners\":%ld,\"syn_recv\":%ld,"
        "\"time_wait\":%ld,\"stuck_listeners\":%ld,\"idle_procs\":%ld,\"procs\":%ld,\"build_s\":%.1f,\"mem_used_kb\":%ld,\"slab_kb\":%ld,\"bytes_per_socket\":%.0f",
        2 * (tot.conns - tot.cw), tot.cw, tot.cw, opt_listeners, opt_syn, opt_tw, opt_stuck, opt_idle, opt_procs, now() - t0,
        mem0 - mem1, slab1 - slab0, tot.conns ? (mem0 - mem1) * 1024.0 / (2 * tot.conns) : 0.0);
    if (write(rfd, b, n) != n) exit(1);
    close(rfd);
    signal(SIGCHLD, SIG_DFL);
    for (;;) {                                       /* TIME_WAIT lives 60 s: top it up every 2 s */
        sleep(2); if (opt_tw) tw_make(opt_tw / 30 + 1);
    }
}
static volatile sig_atomic_t stop; static void onsig(int s) { (void)s; stop = 1; }
int main(int argc, char **argv) {
    struct { const char *n; long *v; } o[] = {{"--sockets", &opt_sockets}, {"--listeners", &opt_listeners}, {"--procs", &opt_procs},
        {"--syn-recv", &opt_syn}, {"--time-wait", &opt_tw}, {"--close-wait", &opt_cw}, {"--v6", &opt_v6}, {"--stuck", &opt_stuck},
        {"--idle-procs", &opt_idle}, {"--idle-fds", &opt_idlefds}, {"--hold", &opt_hold}, {"--own-ehash", &opt_ehash},
        {"--pidns", &opt_pidns}, {"--late-fds", &opt_late}, {"--cgroups", &opt_cg}};
    for (int i = 1; i < argc; i++) {
        int ok = 0; for (size_t k = 0; k < sizeof o / sizeof *o; k++) if (!strcmp(argv[i], o[k].n) && i + 1 < argc) { *o[k].v = atol(argv[++i]); ok = 1; break; }
        if (!ok) { fprintf(stderr, "usage: farm"); for (size_t k = 0; k < sizeof o / sizeof *o; k++) fprintf(stderr, " [%s N=%ld]", o[k].n, *o[k].v); fprintf(stderr, "\n"); return 2; }
    }
    struct rlimit rl = {1048576, 1048576};
    if (setrlimit(RLIMIT_NOFILE, &rl)) {            /* no CAP_SYS_RESOURCE: go to the hard limit, spread over more workers */
        getrlimit(RLIMIT_NOFILE, &rl);
        rl.rlim_cur = rl.rlim_max;
        setrlimit(RLIMIT_NOFILE, &rl);
    }
    long need = (opt_sockets + opt_listeners) / ((long)rl.rlim_max - opt_late - 200) + 1;
    if (opt_procs < need)
        opt_procs = need;
    if (opt_cg) {
        snprintf(cgroot, sizeof cgroot, "%s/tcpfarm.%d", access("/sys/fs/cgroup/unified", X_OK) ? "/sys/fs/cgroup" : "/sys/fs/cgroup/unified", getpid());
        if (mkdir(cgroot, 0755)) die("mkdir %s", cgroot);
    }
    setup_net();
    if (opt_pidns && unshare(CLONE_NEWPID | CLONE_NEWNS)) die("unshare pid");
    int pfd[2]; if (pipe2(pfd, O_CLOEXEC)) die("pipe");
    pid_t c = fork(); if (c < 0) die("fork"); if (!c) { close(pfd[0]); controller(pfd[1]); }
    close(pfd[1]);
    struct sigaction sa = {.sa_handler = onsig}; sigaction(SIGTERM, &sa, NULL); sigaction(SIGINT, &sa, NULL); sigaction(SIGALRM, &sa, NULL);
    alarm(opt_hold);                                 /* bounds the build too */
    char b[1024]; ssize_t n = read(pfd[0], b, sizeof b - 1);
    if (n <= 0) { kill(c, SIGKILL); waitpid(c, NULL, 0); fprintf(stderr, "farm: build failed\n"); return 1; }
    b[n] = 0; printf("ready {\"nspid\":%d,\"pid\":%d,%s}\n", c, getpid(), b); fflush(stdout);
    int st; while (!stop) { if (waitpid(c, &st, WNOHANG) == c) return 1; pause(); }
    kill(c, SIGKILL);                                 /* workers die with it: PDEATHSIG, or as the pid namespace's init */
    waitpid(c, NULL, 0);
    for (long i = 0; opt_cg && i < opt_procs; i++) {
        char p[128];
        snprintf(p, sizeof p, "%s/w%ld", cgroot, i);
        for (int t = 0; rmdir(p) && errno == EBUSY && t < 100; t++) usleep(50000);
    }
    if (opt_cg) rmdir(cgroot);
    return 0;
}
