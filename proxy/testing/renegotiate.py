"""A TLS 1.2 client that renegotiates with another server name, which no Node client can: PORT FIRST_NAME SECOND_NAME"""
import ctypes, socket, sys

Pointer = ctypes.c_void_p
SET_HOSTNAME, SET_MAX_VERSION, TLS_1_2 = 55, 124, 0x0303

ssl = ctypes.CDLL('libssl.so.3')
for name in ('TLS_client_method', 'SSL_CTX_new', 'SSL_new'):
    getattr(ssl, name).restype = Pointer
if len(sys.argv) < 4:
    sys.exit(0)
_, port, first, second = sys.argv
context = ssl.SSL_CTX_new(Pointer(ssl.TLS_client_method()))
ssl.SSL_CTX_ctrl(Pointer(context), SET_MAX_VERSION, ctypes.c_long(TLS_1_2), None)
session = Pointer(ssl.SSL_new(Pointer(context)))
connection = socket.create_connection(('127.0.0.1', int(port)))
# OpenSSL reads the descriptor itself and must be allowed to wait
connection.settimeout(None)
ssl.SSL_set_fd(session, connection.fileno())
ssl.SSL_ctrl(session, SET_HOSTNAME, ctypes.c_long(0), first.encode())
connected = ssl.SSL_connect(session)
ssl.SSL_ctrl(session, SET_HOSTNAME, ctypes.c_long(0), second.encode())
ssl.SSL_renegotiate(session)
print(connected, ssl.SSL_do_handshake(session))
