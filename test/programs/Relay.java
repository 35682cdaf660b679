import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A TCP relay in Java, two threads a connection; told `kept`, a reset leaves the upstream's socket and the thread that reads it. */
public class Relay {
  static boolean mistake;

  static void copy(Socket from, Socket to, Runnable fail) {
    byte[] buffer = new byte[65536];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n; (n = in.read(buffer)) >= 0; ) out.write(buffer, 0, n);
      to.shutdownOutput();
    } catch (IOException e) {
      fail.run();
    }
  }

  static void serve(Socket client, String host, int port) {
    try (client; Socket upstream = new Socket(host, port)) {
      Runnable fail = () -> {
        if (mistake) return;
        try {
          client.close();
          upstream.close();
        } catch (IOException e) {
          throw new RuntimeException(e);
        }
      };
      Thread back = new Thread(null, () -> copy(upstream, client, fail), "back", 256 * 1024);
      back.start();
      copy(client, upstream, fail);
      back.join();
    } catch (IOException | InterruptedException e) {
      System.err.println(e);
    }
  }

  public static void main(String[] args) throws Exception {
    mistake = args.length > 0 && args[0].equals("kept");
    ServerSocket server = new ServerSocket();
    server.bind(new InetSocketAddress(System.getenv("LISTEN_HOST"), Integer.parseInt(System.getenv("LISTEN_PORT"))), 1024);
    String host = System.getenv("UPSTREAM_HOST");
    int port = Integer.parseInt(System.getenv("UPSTREAM_PORT"));
    while (true) {
      Socket client = server.accept();
      new Thread(null, () -> serve(client, host, port), "serve", 256 * 1024).start();
    }
  }
}
