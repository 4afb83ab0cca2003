/* limit.c - the physical limit of an audit: only the syscalls it needs, nothing else.
 *   Tests/Benchmarks/run builds and uses it.
 *   ./limit audit [--map none|full|early|fast|probe|cgroup] [--walk sep|comb|compat|none]      one audit, whole process timed from outside
 *   ./limit phases [ROUNDS]                                           each phase timed in-process, median of ROUNDS
 *   ./limit walk MASK [v4|v6|compat] [ROUNDS]                         one SOCK_DIAG dump with that state mask
 *   ./limit map full|stat|early|fast|probe|cgroup [ROUNDS]                  listener inode -> PID
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "tunables.h"
#define NT (int)(sizeof TUN / sizeof *TUN)
#ifndef TCPDIAG_GETSOCK
#define TCPDIAG_GETSOCK 18
#endif
#ifndef INET_DIAG_CGROUP_ID
#define INET_DIAG_CGROUP_ID 21
#endif
enum { EST = 1 << 1, SYNRECV = 1 << 3, TW = 1 << 6, CLOSE = 1 << 7, CLOSEWAIT = 1 << 8, LISTEN = 1 << 10, ALL = 0xfff };
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1e6 + t.tv_nsec / 1e3; }
static char buf[1 << 18];
static long bytes, found;

/* ---- tunables ---- */
static void tun_path(void) {
    char p[256]; found = bytes = 0;
    for (int i = 0; i < NT; i++) {
        memcpy(p, "/proc/sys/", 10); strcpy(p + 10, TUN[i]);
        int fd = open(p, O_RDONLY | O_CLOEXEC); if (fd < 0) continue;
        ssize_t n = read(fd, buf, 4096); close(fd); if (n > 0) { bytes += n; found++; }
    }
}
static void tun_dirfd(void) {
    char d[256] = ""; int dfd = -1; found = bytes = 0;
    for (int i = 0; i < NT; i++) {
        const char *s = strrchr(TUN[i], '/'); size_t k = s - TUN[i];
        if (strlen(d) != k || memcmp(d, TUN[i], k)) {
            char p[256]; memcpy(d, TUN[i], k); d[k] = 0; snprintf(p, sizeof p, "/proc/sys/%s", d);
            if (dfd >= 0) close(dfd);
            dfd = open(p, O_PATH | O_DIRECTORY | O_CLOEXEC);
        }
        int fd = openat(dfd, s + 1, O_RDONLY | O_CLOEXEC); if (fd < 0) continue;
        ssize_t n = read(fd, buf, 4096); close(fd); if (n > 0) { bytes += n; found++; }
    }
    if (dfd >= 0) close(dfd);
}
static int keep[NT];
static void tun_open(void) { char p[256]; for (int i = 0; i < NT; i++) { snprintf(p, sizeof p, "/proc/sys/%s", TUN[i]); keep[i] = open(p, O_RDONLY | O_CLOEXEC); } }
static void tun_pread(void) { found = bytes = 0; for (int i = 0; i < NT; i++) { ssize_t n = pread(keep[i], buf, 4096, 0); if (n > 0) { bytes += n; found++; } } }
static void procnet(void) {
    static const char *const f[] = {"/proc/self/net/snmp", "/proc/self/net/netstat", "/proc/self/net/sockstat", "/proc/self/net/sockstat6"};
    bytes = 0;
    for (int i = 0; i < 4; i++) { int fd = open(f[i], O_RDONLY | O_CLOEXEC); ssize_t n; while ((n = read(fd, buf, 65536)) > 0) { bytes += n; if (n < 2048) break; } close(fd); }
}
static void procnettcp(void) {
    bytes = 0; const char *f[] = {"/proc/self/net/tcp", "/proc/self/net/tcp6"};
    for (int i = 0; i < 2; i++) { int fd = open(f[i], O_RDONLY | O_CLOEXEC); ssize_t n; while ((n = read(fd, buf, sizeof buf)) > 0) bytes += n; close(fd); }
}
/* ---- sock_diag ---- */
#define MAXL 65536
static uint32_t ino[MAXL], ino_uid[MAXL]; static uint64_t cg[MAXL]; static int nino; static long msgs, nrecv; static int collect; static long states[16];
static long synq[65536];
static int nlfd(void) { int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG); if (s < 0) { perror("netlink"); exit(1); } return s; }
struct bc { struct inet_diag_bc_op op[4]; };
static void dump(int s, int fam, unsigned mask, int ext, int compat, int bcport) {
    struct { struct nlmsghdr h; union { struct inet_diag_req_v2 v2; struct inet_diag_req v1; } r; struct nlattr a; struct bc b; } q;
    memset(&q, 0, sizeof q); size_t body;
    if (compat) {
        struct inet_diag_req *r = (void *)&q.r; r->idiag_family = AF_INET; r->idiag_states = mask; r->idiag_ext = ext;
        q.h.nlmsg_type = TCPDIAG_GETSOCK; body = sizeof *r;
    } else {
        q.r.v2.sdiag_family = fam; q.r.v2.sdiag_protocol = 6; q.r.v2.idiag_states = mask; q.r.v2.idiag_ext = ext;
        q.h.nlmsg_type = SOCK_DIAG_BY_FAMILY; body = sizeof q.r.v2;
    }
    char out[256]; size_t len = sizeof q.h + body; memcpy(out, &q, len);
    if (bcport) {                                    /* sport >= bcport : accepts or rejects in the kernel */
        struct nlattr a = {.nla_len = sizeof a + 8, .nla_type = INET_DIAG_REQ_BYTECODE};
        struct inet_diag_bc_op o[2] = {{INET_DIAG_BC_S_GE, 8, 12}, {0, 0, bcport}};
        memcpy(out + len, &a, sizeof a); memcpy(out + len + sizeof a, o, 8); len += sizeof a + 8;
    }
    struct nlmsghdr *oh = (void *)out; oh->nlmsg_len = len; oh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP; oh->nlmsg_seq = 1;
    if (send(s, out, len, 0) < 0) { perror("send"); exit(1); }
    for (;;) {
        ssize_t n = recv(s, buf, sizeof buf, 0); nrecv++; if (n < 0) { perror("recv"); exit(1); }
        for (struct nlmsghdr *h = (void *)buf; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
            if (h->nlmsg_type == NLMSG_DONE) return;
            if (h->nlmsg_type == NLMSG_ERROR) { fprintf(stderr, "nl error %d\n", ((struct nlmsgerr *)NLMSG_DATA(h))->error); return; }
            struct inet_diag_msg *m = NLMSG_DATA(h); msgs++; states[m->idiag_state & 15]++;
            if (m->idiag_state == 3) synq[ntohs(m->id.idiag_sport)]++;
            if (collect && m->idiag_state == 10 && nino < MAXL) {
                ino[nino] = m->idiag_inode; ino_uid[nino] = m->idiag_uid; cg[nino] = 0;
                int al = h->nlmsg_len - NLMSG_LENGTH(sizeof *m); struct nlattr *a = (void *)(m + 1);
                while (al >= (int)sizeof *a && a->nla_len >= sizeof *a) {
                    if (a->nla_type == INET_DIAG_CGROUP_ID) memcpy(&cg[nino], a + 1, 8);
                    al -= NLMSG_ALIGN(a->nla_len); a = (void *)((char *)a + NLMSG_ALIGN(a->nla_len));
                }
                nino++;
            }
        }
    }
}
static int SK;
#define EXT (1 << (INET_DIAG_SKMEMINFO - 1))
static void listeners(void) { nino = 0; collect = 1; dump(SK, AF_INET, LISTEN, EXT, 0, 0); dump(SK, AF_INET6, LISTEN, EXT, 0, 0); collect = 0; }
static void listeners_c(void) { nino = 0; collect = 1; dump(SK, 0, LISTEN, EXT, 1, 0); collect = 0; }
static void both(unsigned m) { dump(SK, AF_INET, m, 0, 0, 0); dump(SK, AF_INET6, m, 0, 0, 0); }
static void w_close(void) { both(CLOSE); }
static void w_close4(void) { dump(SK, AF_INET, CLOSE, 0, 0, 0); }
static void w_syn(void) { both(SYNRECV); }
static void w_cw(void) { both(CLOSEWAIT); }
static void w_comb(void) { both(SYNRECV | CLOSEWAIT); }
static void w_compat(void) { dump(SK, 0, SYNRECV | CLOSEWAIT, 0, 1, 0); }
static void w_onepass(void) { nino = 0; collect = 1; dump(SK, 0, LISTEN | SYNRECV | CLOSEWAIT, EXT, 1, 0); collect = 0; }
static void w_est(void) { both(EST); }
static void w_est_bc(void) { dump(SK, AF_INET, EST, 0, 0, 65535); dump(SK, AF_INET6, EST, 0, 0, 65535); }
static void w_all(void) { both(ALL); }
static void w_all_info(void) { dump(SK, AF_INET, ALL, EXT | (1 << (INET_DIAG_INFO - 1)), 0, 0); dump(SK, AF_INET6, ALL, EXT | (1 << (INET_DIAG_INFO - 1)), 0, 0); }
/* ---- inode -> pid ---- */
static uint32_t hk[1 << 17]; static uint8_t hf[1 << 17]; static int left; static long nlinks, nproc, nopen;
static void hbuild(void) { memset(hk, 0, sizeof hk); memset(hf, 0, sizeof hf); left = 0; for (int i = 0; i < nino; i++) { if (!ino[i]) continue; uint32_t x = ino[i] * 2654435761u >> 15; while (hk[x] && hk[x] != ino[i]) x = (x + 1) & 131071; if (!hk[x]) { hk[x] = ino[i]; left++; } } }
static void hhit(uint32_t v) { uint32_t x = v * 2654435761u >> 15; while (hk[x]) { if (hk[x] == v) { if (!hf[x]) { hf[x] = 1; left--; } return; } x = (x + 1) & 131071; } }
struct d64 { uint64_t i; int64_t o; unsigned short l; unsigned char t; char n[]; };
enum { FULL, STAT, EARLY, FAST, PROBE };
static int scan_pid(int pfd, const char *pid, int mode, int limit) {
    char p[64], db[32768], l[64]; snprintf(p, sizeof p, "%s/fd", pid); int d = openat(pfd, p, O_RDONLY | O_DIRECTORY | O_CLOEXEC); if (d < 0) return 0; nopen++;
    ssize_t n; int k = 0, more = 0;
    if (mode == PROBE && limit) {                   /* no getdents at all: descriptor numbers are dense, ask for 0, 1, 2 ... */
        for (int miss = 0; k < limit && miss < 16; k++) {
            char q[12]; int u = snprintf(q, sizeof q, "%d", k); (void)u; nlinks++;
            ssize_t m = readlinkat(d, q, l, sizeof l - 1); if (m < 0) { miss++; continue; }
            miss = 0;
            if (m > 8 && l[0] == 's' && !memcmp(l, "socket:[", 8)) { l[m] = 0; hhit(strtoul(l + 8, NULL, 10)); if (!left) break; }
        }
        close(d); return 1;
    }
    while (!more && (n = syscall(SYS_getdents64, d, db, limit ? 1600 : sizeof db)) > 0)
        for (ssize_t o = 0; o < n;) {
            struct d64 *e = (void *)(db + o); o += e->l; if (e->n[0] == '.') continue;
            if (limit && k >= limit) { more = 1; break; }
            k++; nlinks++;
            if (mode == STAT) { struct stat st; if (!fstatat(d, e->n, &st, 0) && S_ISSOCK(st.st_mode)) hhit(st.st_ino); }
            else { ssize_t m = readlinkat(d, e->n, l, sizeof l - 1); if (m > 8 && l[0] == 's' && !memcmp(l, "socket:[", 8)) { l[m] = 0; hhit(strtoul(l + 8, NULL, 10)); } }
            if (mode >= EARLY && !left) { close(d); return 0; }
        }
    close(d); return more;
}
static void map_proc(int mode) {
    hbuild(); int pfd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC); static char db[1 << 16]; ssize_t n; nlinks = nproc = nopen = 0;
    for (int pass = 0; pass < (mode >= FAST ? 2 : 1); pass++) {
        lseek(pfd, 0, SEEK_SET);
        while ((n = syscall(SYS_getdents64, pfd, db, sizeof db)) > 0)
            for (ssize_t o = 0; o < n;) {
                struct d64 *e = (void *)(db + o); o += e->l; if (e->n[0] < '0' || e->n[0] > '9') continue;
                nproc++; scan_pid(pfd, e->n, mode, mode >= FAST && pass == 0 ? 64 : 0);
                if (mode >= EARLY && !left) goto out;
            }
        if (!left) break;
    }
out: close(pfd);
}
static void m_full(void) { map_proc(FULL); } static void m_stat(void) { map_proc(STAT); } static void m_early(void) { map_proc(EARLY); } static void m_fast(void) { map_proc(FAST); } static void m_probe(void) { map_proc(PROBE); }
static int ncg, cgmount = -1;
static int cmp64(const void *a, const void *b) { uint64_t x = *(uint64_t *)a, y = *(uint64_t *)b; return x < y ? -1 : x > y; }
static void m_cgroup(void) {            /* listener -> cgroup v2 id -> cgroup.procs -> only those PIDs */
    static uint64_t u[MAXL]; hbuild(); nlinks = nproc = nopen = 0; int n = 0;
    for (int i = 0; i < nino; i++) u[n++] = cg[i];
    qsort(u, n, 8, cmp64); ncg = 0; for (int i = 0; i < n; i++) if (!ncg || u[ncg - 1] != u[i]) u[ncg++] = u[i];
    int pfd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (cgmount < 0) { cgmount = open("/sys/fs/cgroup/unified", O_RDONLY | O_DIRECTORY | O_CLOEXEC); if (cgmount < 0) cgmount = open("/sys/fs/cgroup", O_RDONLY | O_DIRECTORY | O_CLOEXEC); }
    for (int i = 0; i < ncg && left; i++) {
        char hb[sizeof(struct file_handle) + 8]; struct file_handle *h = (void *)hb; h->handle_bytes = 8; h->handle_type = 0xfe; memcpy(h->f_handle, &u[i], 8);
        int d = open_by_handle_at(cgmount, h, O_RDONLY | O_DIRECTORY | O_CLOEXEC); if (d < 0) { fprintf(stderr, "cgroup %llu: %s\n", (unsigned long long)u[i], strerror(errno)); continue; }
        int f = openat(d, "cgroup.procs", O_RDONLY | O_CLOEXEC); char b[65536]; ssize_t m; close(d); if (f < 0) continue;
        while (left && (m = read(f, b, sizeof b - 1)) > 0) { b[m] = 0; char *sv; for (char *p = strtok_r(b, "\n", &sv); p && left; p = strtok_r(NULL, "\n", &sv)) { nproc++; scan_pid(pfd, p, EARLY, 0); } }
        close(f);
    }
    close(pfd);
}
/* ---- driver ---- */
static int cmpd(const void *a, const void *b) { double x = *(double *)a, y = *(double *)b; return x < y ? -1 : x > y; }
static double med_us(void (*f)(void), int r) { static double v[1001]; f(); for (int i = 0; i < r; i++) { double a = now(); f(); v[i] = now() - a; } qsort(v, r, sizeof *v, cmpd); return v[r / 2]; }
#define PH(label, f, r) do { msgs = nrecv = 0; memset(states, 0, sizeof states); f(); long m1 = msgs, r1 = nrecv; double u = med_us(f, r); printf("%-52s %12.1f us   msgs %-8ld recv %ld\n", label, u, m1, r1); fflush(stdout); } while (0)
int main(int argc, char **argv) {
    const char *m = argc > 1 ? argv[1] : "audit";
    if (!strcmp(m, "audit")) {
        const char *map = "fast", *walk = "compat";
        for (int i = 2; i + 1 < argc; i += 2) { if (!strcmp(argv[i], "--map")) map = argv[i + 1]; if (!strcmp(argv[i], "--walk")) walk = argv[i + 1]; }
        tun_dirfd(); long t = found; procnet(); SK = nlfd();
        if (!strcmp(walk, "one")) w_onepass(); else { listeners_c();
            if (!strcmp(walk, "sep")) { w_syn(); w_cw(); } else if (!strcmp(walk, "comb")) w_comb(); else if (!strcmp(walk, "compat")) w_compat(); }
        left = 0; if (!strcmp(map, "full")) m_full(); else if (!strcmp(map, "early")) m_early(); else if (!strcmp(map, "fast")) m_fast(); else if (!strcmp(map, "probe")) m_probe(); else if (!strcmp(map, "cgroup")) m_cgroup();
        printf("tunables %ld listeners %d syn_recv %ld close_wait %ld unmapped %d fds_read %ld\n", t, nino, states[3], states[8], left, nlinks); return 0;
    }
    SK = nlfd();
    if (!strcmp(m, "phases")) {
        int r = argc > 2 ? atoi(argv[2]) : 51;
        PH("tunables, 150 x open(path)/read/close", tun_path, r); printf("    found %ld, %ld bytes\n", found, bytes);
        PH("tunables, openat(dirfd)/read/close", tun_dirfd, r); tun_open(); PH("tunables, pread on held fds", tun_pread, r);
        PH("/proc/net/{snmp,netstat,sockstat,sockstat6}", procnet, r); printf("    %ld bytes\n", bytes);
        PH("LISTEN v4+v6 (2 dumps), SKMEMINFO", listeners, r); PH("LISTEN both families (TCPDIAG_GETSOCK)", listeners_c, r);
        return 0;
    }
    if (!strcmp(m, "walks")) {
        int r = argc > 2 ? atoi(argv[2]) : 9;
        PH("LISTEN v4+v6 (2 dumps), SKMEMINFO", listeners, r); PH("LISTEN both families (TCPDIAG_GETSOCK)", listeners_c, r);
        PH("CLOSE v4 (pure ehash walk, nothing matches)", w_close4, r); PH("CLOSE v4+v6", w_close, r); PH("SYN_RECV v4+v6", w_syn, r); PH("CLOSE_WAIT v4+v6", w_cw, r);
        PH("SYN_RECV|CLOSE_WAIT v4+v6 (2 walks)", w_comb, r); PH("SYN_RECV|CLOSE_WAIT, both families (1 walk)", w_compat, r); PH("LISTEN|SYN_RECV|CLOSE_WAIT, both families (1 dump)", w_onepass, r);
        PH("ESTABLISHED v4+v6, bytecode rejects all", w_est_bc, r);
        int rr = r < 5 ? r : 5; PH("ESTABLISHED v4+v6, copied out", w_est, rr); PH("all states v4+v6", w_all, rr); PH("all states + TCP_INFO + SKMEMINFO", w_all_info, rr);
        PH("/proc/net/tcp + tcp6 read", procnettcp, r < 3 ? r : 3);
        return 0;
    }
    if (!strcmp(m, "map")) {
        int r = argc > 3 ? atoi(argv[3]) : 5; listeners(); const char *k = argv[2];
        double u = med_us(!strcmp(k, "full") ? m_full : !strcmp(k, "stat") ? m_stat : !strcmp(k, "early") ? m_early : !strcmp(k, "cgroup") ? m_cgroup : !strcmp(k, "probe") ? m_probe : m_fast, r);
        printf("map %-7s %12.1f us  procs %ld opened %ld fds read %ld  listeners %d unmapped %d cgroups %d\n", k, u, nproc, nopen, nlinks, nino, left, ncg); return 0;
    }
    return 2;
}
