/* way.c - what the profiles claim, measured in network namespaces of their own.
 *   Tests/Benchmarks/claims builds and uses it.
 *   ./way bulk RMEM WMEM CONTROL RTT_MS MBIT LOSE SECONDS  Mbit/s of one connection over a long way
 *   ./way idle KEEP RTT_MS BYTES                           ms for an answer after two seconds' pause
 *   ./way ports FIRST LAST REUSE SECONDS                   connections made to one destination
 *   ./way burst SOMAXCONN CLIENTS                          clients of a burst that must try again
 *
 * No netem: two TUN devices in two namespaces, and a thread between them that carries packets at
 * MBIT a second, holds each for half of RTT_MS, and drops every LOSE-th (0: none). Its queue holds
 * what is under way once more. Segmentation is left to the far end, as between virtual machines.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what) { perror(what); exit(2); }

static int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void pause_ms(int ms) { usleep(ms * 1000); }

static void set(const char *path, const char *value) {
  int f = open(path, O_WRONLY);
  if (f < 0 || write(f, value, strlen(value)) < 0) die(path);
  close(f);
}

static struct sockaddr_in at(const char *ip, int port) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, ip, &a.sin_addr);
  return a;
}

static void up(const char *device, const char *ip, const char *mask) {
  int s = socket(AF_INET, SOCK_DGRAM, 0);
  struct ifreq r = {0};
  strcpy(r.ifr_name, device);
  if (ip) {
    struct sockaddr_in a = at(ip, 0);
    memcpy(&r.ifr_addr, &a, sizeof a);
    if (ioctl(s, SIOCSIFADDR, &r)) die("address");
    a = at(mask, 0);
    memcpy(&r.ifr_netmask, &a, sizeof a);
    if (ioctl(s, SIOCSIFNETMASK, &r)) die("mask");
  }
  r.ifr_flags = IFF_UP | IFF_RUNNING;
  if (ioctl(s, SIOCSIFFLAGS, &r)) die("up");
  close(s);
}

/* A device of this namespace whose packets a program carries, 64 KiB at once. */
static int tun(const char *ip) {
  int f = open("/dev/net/tun", O_RDWR | O_NONBLOCK), header = sizeof(struct virtio_net_hdr);
  struct ifreq r = {.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR};
  strcpy(r.ifr_name, "way0");
  if (f < 0 || ioctl(f, TUNSETIFF, &r)) die("/dev/net/tun");
  if (ioctl(f, TUNSETVNETHDRSZ, &header)) die("header");
  if (ioctl(f, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4)) die("offload");
  int s = socket(AF_INET, SOCK_DGRAM, 0);
  r.ifr_qlen = 20000;
  if (ioctl(s, SIOCSIFTXQLEN, &r)) die("queue");
  close(s);
  up("way0", ip, "255.255.255.0");
  return f;
}

/* MARK: The way */

struct packet { struct packet *next; int64_t due; int size; char data[]; };
struct lane { int from, to, lose; double ns_per_byte; int64_t delay, free_at, most; int64_t waiting;
  long seen; struct packet *first, **last; };
struct way { struct lane lanes[2]; volatile int stop; };

static void take(struct lane *l) {
  static _Thread_local char bytes[1 << 17];
  for (int burst = 0; burst < 64; burst++) {
    int n = read(l->from, bytes, sizeof bytes);
    if (n <= 0) return;
    int64_t now = now_ns();
    /* As many packets as the wire would see, so that a loss is a loss of one. */
    struct virtio_net_hdr *h = (struct virtio_net_hdr *)bytes;
    int cut = h->gso_type != VIRTIO_NET_HDR_GSO_NONE && h->gso_size ? h->gso_size : n;
    long before = l->seen;
    l->seen += (n + cut - 1) / cut;
    if (l->lose && before / l->lose != l->seen / l->lose) continue;
    if (l->free_at < now) l->free_at = now;
    if (l->free_at - now > l->most) continue;
    l->free_at += n * l->ns_per_byte;
    struct packet *p = malloc(sizeof *p + n);
    if (!p) return;
    p->next = 0, p->size = n, p->due = l->free_at + l->delay;
    memcpy(p->data, bytes, n);
    *l->last = p, l->last = &p->next;
  }
}

static int64_t give(struct lane *l) {
  while (l->first) {
    struct packet *p = l->first;
    int64_t wait = p->due - now_ns();
    if (wait > 0) return wait;
    if (write(l->to, p->data, p->size) < 0 && errno == EAGAIN) return 100000;
    l->first = p->next;
    if (!l->first) l->last = &l->first;
    free(p);
  }
  return 50000000;
}

static void *carry(void *argument) {
  struct way *w = argument;
  struct pollfd fds[2] = {{w->lanes[0].from, POLLIN, 0}, {w->lanes[1].from, POLLIN, 0}};
  while (!w->stop) {
    int64_t wait = give(&w->lanes[0]), other = give(&w->lanes[1]);
    if (other < wait) wait = other;
    struct timespec t = {wait / 1000000000, wait % 1000000000};
    ppoll(fds, 2, &t, 0);
    take(&w->lanes[0]), take(&w->lanes[1]);
  }
  return 0;
}

/* Two namespaces with a way between them: each end is a descriptor of its namespace. */
static void lay(struct way *w, int ends[2], double rtt_ms, double mbit, int lose) {
  static const char *ips[] = {"10.9.9.1", "10.9.9.2"};
  int tuns[2];
  for (int i = 0; i < 2; i++) {
    if (unshare(CLONE_NEWNET)) die("unshare");
    up("lo", 0, 0);
    tuns[i] = tun(ips[i]);
    ends[i] = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
  }
  for (int i = 0; i < 2; i++) {
    struct lane *l = &w->lanes[i];
    *l = (struct lane){.from = tuns[i], .to = tuns[1 - i], .lose = i ? 0 : lose,
      .ns_per_byte = 8000 / mbit, .delay = rtt_ms * 500000, .most = rtt_ms * 1000000};
    l->last = &l->first;
  }
  static pthread_t thread;
  if (pthread_create(&thread, 0, carry, w)) die("thread");
}

static void enter(int end) { if (setns(end, CLONE_NEWNET)) die("setns"); }

static int stream(const char *control) {
  int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (control && setsockopt(s, IPPROTO_TCP, TCP_CONGESTION, control, strlen(control))) die(control);
  return s;
}

static int listening(const char *ip, int port, int backlog, const char *control) {
  int s = stream(control);
  struct sockaddr_in a = at(ip, port);
  if (bind(s, (void *)&a, sizeof a) || listen(s, backlog)) die("listen");
  return s;
}

/* MARK: Claims */

struct sink { int socket; volatile int64_t bytes; };

static void *drain(void *argument) {
  struct sink *sink = argument;
  static char bytes[1 << 20];
  ssize_t n;
  while ((n = recv(sink->socket, bytes, sizeof bytes, 0)) > 0) sink->bytes += n;
  return 0;
}

static void *pour(void *argument) {
  static char bytes[1 << 20];
  while (send(*(int *)argument, bytes, sizeof bytes, MSG_NOSIGNAL) > 0) {}
  return 0;
}

static void bulk(char **a) {
  char rmem[80], wmem[80];
  snprintf(rmem, sizeof rmem, "4096 131072 %s", a[0]);
  snprintf(wmem, sizeof wmem, "4096 16384 %s", a[1]);
  double rtt = atof(a[3]), seconds = atof(a[6]);
  static struct way w;
  int ends[2];
  lay(&w, ends, rtt, atof(a[4]), atoi(a[5]));
  for (int i = 0; i < 2; i++) {
    enter(ends[i]);
    set("/proc/sys/net/ipv4/tcp_rmem", rmem);
    set("/proc/sys/net/ipv4/tcp_wmem", wmem);
  }
  int l = listening("10.9.9.2", 8001, 5, a[2]);
  enter(ends[0]);
  int c = stream(a[2]);
  struct sockaddr_in to = at("10.9.9.2", 8001);
  if (connect(c, (void *)&to, sizeof to)) die("connect");
  static struct sink sink;
  sink.socket = accept(l, 0, 0);
  pthread_t one, two;
  pthread_create(&one, 0, drain, &sink);
  pthread_create(&two, 0, pour, &c);
  /* Slow start and the growth of the buffers are over by then. */
  pause_ms(4000);
  int64_t bytes = sink.bytes, start = now_ns();
  pause_ms(seconds * 1000);
  double took = (now_ns() - start) / 1e9;
  printf("%.0f\n", (sink.bytes - bytes) * 8 / took / 1e6);
  exit(0);
}

static void ask(int c, int s, int bytes, double *ms) {
  static char data[1 << 22];
  int64_t start = now_ns();
  if (send(c, "?", 1, 0) != 1 || recv(s, data, 1, 0) != 1) die("question");
  if (send(s, data, bytes, 0) != bytes) die("answer");
  for (int got = 0; got < bytes;) {
    int n = recv(c, data, sizeof data, 0);
    if (n <= 0) die("answer");
    got += n;
  }
  *ms = (now_ns() - start) / 1e6;
}

static void idle(char **a) {
  static struct way w;
  int ends[2], bytes = atoi(a[2]);
  lay(&w, ends, atof(a[1]), 1000, 0);
  enter(ends[1]);
  set("/proc/sys/net/ipv4/tcp_slow_start_after_idle", a[0]);
  int l = listening("10.9.9.2", 8001, 5, "cubic");
  enter(ends[0]);
  int c = stream(0), s, one = 1;
  struct sockaddr_in to = at("10.9.9.2", 8001);
  if (connect(c, (void *)&to, sizeof to)) die("connect");
  s = accept(l, 0, 0);
  setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  double ms;
  /* The connection learns its way first. */
  for (int i = 0; i < 20; i++) ask(c, s, bytes, &ms);
  pause_ms(2000);
  ask(c, s, bytes, &ms);
  printf("%.1f\n", ms);
  exit(0);
}

static void ports(char **a) {
  if (unshare(CLONE_NEWNET)) die("unshare");
  /* An address that is not loopback's: to those tcp_tw_reuse lets ports be taken by default. */
  up("lo", "10.9.9.1", "255.255.255.255");
  char range[40];
  snprintf(range, sizeof range, "%s %s", a[0], a[1]);
  set("/proc/sys/net/ipv4/ip_local_port_range", range);
  set("/proc/sys/net/ipv4/tcp_tw_reuse", a[2]);
  int l = listening("10.9.9.1", 8001, 4096, 0);
  struct sockaddr_in to = at("10.9.9.1", 8001);
  int64_t end = now_ns() + atof(a[3]) * 1e9;
  long made = 0, refused = 0;
  while (now_ns() < end) {
    int c = stream(0);
    if (connect(c, (void *)&to, sizeof to)) {
      if (errno != EADDRNOTAVAIL) die("connect");
      refused++;
      pause_ms(1);
    } else {
      made++;
      int s = accept(l, 0, 0);
      /* This side closes first, and keeps TIME_WAIT. */
      close(c);
      char byte;
      if (recv(s, &byte, 1, 0)) die("end");
      close(s);
      continue;
    }
    close(c);
  }
  printf("%ld %ld\n", made, refused);
}

static void burst(char **a) {
  struct rlimit most;
  getrlimit(RLIMIT_NOFILE, &most);
  most.rlim_cur = most.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &most)) die("descriptors");
  if (unshare(CLONE_NEWNET)) die("unshare");
  up("lo", 0, 0);
  set("/proc/sys/net/core/somaxconn", a[0]);
  int count = atoi(a[1]), late = 0;
  int l = listening("127.0.0.1", 8001, 1 << 20, 0);
  struct pollfd *fds = calloc(count, sizeof *fds);
  struct sockaddr_in to = at("127.0.0.1", 8001);
  for (int i = 0; i < count; i++) {
    fds[i] = (struct pollfd){stream(0), POLLOUT, 0};
    fcntl(fds[i].fd, F_SETFL, O_NONBLOCK);
    if (connect(fds[i].fd, (void *)&to, sizeof to) && errno != EINPROGRESS) die("connect");
  }
  /* Whose SYN was dropped sends it again after a second. */
  poll(fds, count, 0);
  for (int i = 0; i < count; i++) late += !(fds[i].revents & POLLOUT);
  printf("%d\n", late);
  close(l);
}

int main(int count, char **words) {
  struct { const char *name; int words; void (*run)(char **); } claims[] = {
    {"bulk", 7, bulk}, {"idle", 3, idle}, {"ports", 4, ports}, {"burst", 2, burst}};
  for (int i = 0; i < 4; i++)
    if (count == claims[i].words + 2 && !strcmp(words[1], claims[i].name)) {
      claims[i].run(words + 2);
      return 0;
    }
  fputs("usage: way bulk|idle|ports|burst NUMBERS...\n", stderr);
  return 2;
}
