/// Where programs set the backlog that they pass to listen() (claim Q1.5).
enum BacklogSetting {
  private static let settings: [(names: [String], setting: String)] = [
    (["nginx", "openresty"], "nginx: listen ... backlog=N"),
    (["haproxy"], "haproxy: backlog N on the frontend or bind line"),
    (["apache2", "httpd"], "Apache: ListenBacklog N"),
    (["redis-server", "valkey-server"], "Redis: tcp-backlog N"),
    (["mysqld", "mariadbd"], "MySQL: back_log = N"),
    (["lighttpd"], "lighttpd: server.listen-backlog = N"),
    (["varnishd", "cache-main"], "Varnish: -p listen_depth=N"),
    (["envoy"], "Envoy: tcp_backlog_size: N on the listener"),
    (["memcached"], "memcached: -b N"),
    (["php-fpm"], "php-fpm: listen.backlog = N in the pool"),
    (["gunicorn"], "gunicorn: --backlog N"),
    (["uwsgi"], "uWSGI: --listen N"),
    (["node"], "Node.js: server.listen({ backlog: N })"),
    (["java"], "Java: the backlog of ServerSocket; Tomcat: acceptCount=\"N\""),
    (["python", "python3"], "Python: socket.listen(N); socketserver: request_queue_size = N"),
    (["systemd"], "systemd: Backlog=N in the socket unit"),
  ]

  /// Looks up what to set in a program.
  ///
  /// - Parameter name: /proc/PID/comm, which is at most 15 characters long.
  /// - Returns: the setting, nil where we do not know the program.
  static func of(program name: String) -> String? {
    settings.first { entry in
      entry.names.contains {
        name == $0 || name.hasPrefix($0) && !name.dropFirst($0.count).contains(where: \.isLetter)
      }
    }?.setting
  }
}
