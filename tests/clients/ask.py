"""Reads questions from standard input and writes answers, as real_clients.cpp says: a handshake for each server."""
import os
import ssl
import sys
import tempfile


def pem_of(der):
    return ssl.DER_cert_to_PEM_cert(der)


def shakes_hands(client, server):
    """Whether a TLS handshake between the two comes to its end."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    done = [False, False]
    for _ in range(10):
        for i, end in enumerate(ends):
            if done[i]:
                continue
            try:
                end.do_handshake()
                done[i] = True
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                return False
        if all(done):
            return True
    return False


def main():
    print(f"Python {sys.version.split()[0]} OpenSSL {ssl.OPENSSL_VERSION.split()[1]}")
    certificates = []
    servers = {}
    key = b""
    with tempfile.TemporaryDirectory() as directory:
        bundle = os.path.join(directory, "bundle.pem")
        shown = os.path.join(directory, "server.pem")

        def client_of(numbers):
            with open(bundle, "w", encoding="ascii") as file:
                file.writelines(pem_of(certificates[number]) for number in numbers)
            try:
                client = ssl.create_default_context(cafile=bundle)
            except ssl.SSLError:
                return None
            # Before 3.13 these are not set for a default context.
            client.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
            client.check_hostname = False
            return client

        def server_of(number):
            with open(shown, "wb") as file:
                file.write(pem_of(certificates[number]).encode() + key)
            server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            try:
                server.load_cert_chain(shown)
            except ssl.SSLError:
                return None
            return server

        for line in sys.stdin:
            fields = line.split()
            if fields[0] == "certificate":
                certificates.append(bytes.fromhex(fields[1]))
            elif fields[0] == "key":
                key = bytes.fromhex(fields[1])
            else:
                store, shown_ones = ([int(number) for number in field.split(",")] for field in fields[1:])
                client = client_of(store)
                answer = ""
                for number in shown_ones:
                    server = servers.get(number) or server_of(number)
                    if number < 2:
                        servers[number] = server
                    if server is None:
                        answer += "?"
                    else:
                        answer += "+" if client and shakes_hands(client, server) else "-"
                print(answer)


main()
