"""Certificates: those of clients, those that are replaced, and those that will not do."""

import shutil
import signal
import ssl

import pytest

from client import poll, set_, value_reply
from daemon import Server, free_port, run_to_exit
from tls import TLSServer, client_context, openssl, tls_binary

each_version = pytest.mark.parametrize(
    "version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"]
)


def is_served(server, context, session=None):
    """Whether a client with this context gets answers. In TLS 1.3 a refusal of its certificate
    shows only when it reads."""
    try:
        with server.connect(context=context, session=session) as client:
            return client.ask(b"version").startswith(b"VERSION ")
    except (ssl.SSLError, ConnectionError, EOFError):
        return False


# -- clients' certificates --


@each_version
@pytest.mark.parametrize("mode, nobody, known", [(0, 1, 1), (1, 1, 1), (2, 0, 1), (3, 0, 1)])
def test_who_is_served(launch_tls, authority, stranger, issued, version, mode, nobody, known):
    ours = authority.issue(f"client{mode}{version}")
    theirs = stranger.issue(f"stranger{mode}{version}")
    server = launch_tls(
        "-o", f"ssl_verify_mode={mode},ssl_ca_cert={authority.certificate}", start_with=ours
    )
    assert is_served(server, client_context(authority, version)) == bool(nobody)
    assert is_served(server, client_context(authority, version, ours)) == bool(known)
    assert is_served(server, client_context(authority, version, theirs)) == (mode == 0)
    with server.connect() as client:
        shown = client.stats("settings")["ssl_verify_mode"]
        assert shown == {0: "0", 1: "1", 2: "3", 3: "7"}[mode]


@pytest.mark.differs("1.6.18", reason="the prefixes btls and mtls of -l")
def test_listeners_of_their_own_kind(authority, issued):
    ports = {kind: free_port() for kind in ("notls", "btls", "mtls")}
    listen = ",".join(f"{kind}:127.0.0.1:{port}" for kind, port in ports.items())
    known = client_context(authority, issued=authority.issue("kinds"))
    unknown = client_context(authority)
    options = [*issued.options, "-o", f"ssl_ca_cert={authority.certificate}", "-l", listen]
    with TLSServer(unknown, *options) as server:
        served = {}
        for kind in ("btls", "mtls"):
            server.address = ("127.0.0.1", ports[kind])
            served[kind] = [is_served(server, context) for context in (unknown, known)]
        assert served == {"btls": [True, True], "mtls": [False, True]}
        server.plain_address = ("127.0.0.1", ports["notls"])
        with server.connect_plain() as plain:
            assert plain.ask(b"version").startswith(b"VERSION ")


@pytest.mark.cached_only("a public listener without authentication is refused")
def test_a_certificate_stands_for_a_login(authority, issued):
    known = client_context(authority, issued=authority.issue("public"))
    everywhere = ["-l", f"mtls:0.0.0.0:{free_port()}", "-o", f"ssl_ca_cert={authority.certificate}"]
    with TLSServer(known, *issued.options, *everywhere) as server:
        assert is_served(server, known)
    everywhere[1] = everywhere[1].replace("mtls", "btls")
    assert "other machines can connect" in refusal(*issued.options, *everywhere)


@pytest.mark.cached_only("a session that began where no certificate is asked for ends there")
@each_version
def test_no_resumption_where_more_is_asked(authority, issued, version):
    lax, strict = free_port(), free_port()
    context = client_context(authority, version)
    options = ["-o", f"ssl_ca_cert={authority.certificate}"]
    options += ["-l", f"btls:127.0.0.1:{lax},mtls:127.0.0.1:{strict}"]
    with TLSServer(context, *issued.options, *options) as server:
        server.address = ("127.0.0.1", lax)
        with server.connect() as client:
            client.ask(b"version")
            session = client.socket.session
        with server.connect(session=session) as client:
            assert client.socket.session_reused
        server.address = ("127.0.0.1", strict)
        assert not is_served(server, context, session=session)


@each_version
def test_sessions_are_resumed(launch_tls, authority, version):
    server = launch_tls("-o", "ssl_session_cache")
    context = client_context(authority, version)
    with server.connect(context=context) as client:
        client.ask(b"version")
        assert not client.socket.session_reused
        session = client.socket.session
    with server.connect(context=context, session=session) as client:
        assert client.socket.session_reused
        assert client.run(set_(b"a", b"1") + b"get a\r\n") == b"STORED\r\n" + value_reply(
            b"a", b"1"
        )


@pytest.mark.cached_only("ssl_new_sessions counts sessions, not tickets")
def test_new_sessions_are_counted(launch_tls, authority):
    server = launch_tls("-o", "ssl_session_cache")
    context = client_context(authority, ssl.TLSVersion.TLSv1_2)
    context.options |= ssl.OP_NO_TICKET  # so that the server has to remember
    with server.connect() as watch:
        before = int(watch.stats()["ssl_new_sessions"])
        with server.connect(context=context) as client:
            client.ask(b"version")
            session = client.socket.session
        with server.connect(context=context, session=session) as client:
            assert client.socket.session_reused
        assert int(watch.stats()["ssl_new_sessions"]) == before + 1
        assert watch.run(b"stats reset\r\n") == b"RESET\r\n"
        assert watch.stats()["ssl_new_sessions"] == "0"


# -- versions, ciphers, forms of keys --


def test_the_oldest_version(launch_tls, authority):
    server = launch_tls("-o", "ssl_min_version=3")
    assert is_served(server, client_context(authority, ssl.TLSVersion.TLSv1_3))
    assert not is_served(server, client_context(authority, ssl.TLSVersion.TLSv1_2))


def test_ciphers(launch_tls, authority):
    server = launch_tls("-o", "ssl_ciphers=ECDHE-ECDSA-CHACHA20-POLY1305")
    with server.connect(context=client_context(authority, ssl.TLSVersion.TLSv1_2)) as client:
        assert client.socket.cipher()[0] == "ECDHE-ECDSA-CHACHA20-POLY1305"


def test_a_key_in_der(launch_tls, authority, tmp_path):
    issued = authority.issue("der")
    openssl("ec", "-in", issued.key, "-outform", "DER", "-out", tmp_path / "der.key")
    server = launch_tls(
        *("-o", f"ssl_key={tmp_path / 'der.key'},ssl_keyformat=2"),
        *("-o", f"ssl_chain_cert={issued.certificate}"),
    )
    with server.connect() as client:
        assert client.certificate() == issued.der()
        assert client.stats("settings")["ssl_keyformat"] == "2"


@pytest.mark.cached_only("without ssl_key, the key is looked for in the file of the certificate")
def test_certificate_and_key_in_one_file(authority, issued):
    with TLSServer(client_context(authority), "-Z", "-o", f"ssl_chain_cert={issued.both}") as one:
        assert is_served(one, one.context)


def test_the_kernel_may_encrypt(launch_tls):
    server = launch_tls("-o", "ssl_kernel_tls")
    with server.connect() as client:
        client.send(set_(b"a", b"1" * 500_000))
        assert client.read_line() == b"STORED\r\n"
        assert client.run(b"get a\r\n") == value_reply(b"a", b"1" * 500_000)
        assert client.stats("settings")["ssl_kernel_tls"] == "yes"


# -- certificates that are replaced --


def by_signal(server, client):
    server.send_signal(signal.SIGHUP)


def by_command(server, client):
    assert client.run(b"refresh_certs\r\n") == b"OK\r\n"


def seen(server):
    with server.connect() as client:
        return client.certificate()


@pytest.fixture
def replaceable(authority, tmp_path):
    """A certificate and its key that a test may overwrite."""
    return copied(authority.issue("replaceable"), tmp_path)


def copied(issued, folder):
    for name in ("certificate", "key", "both"):
        target = folder / getattr(issued, name).name
        shutil.copy(getattr(issued, name), target)
        setattr(issued, name, target)
    return issued


since_then = pytest.mark.differs("1.6.18", reason="SIGHUP reads no certificates anew")


@pytest.mark.parametrize("refresh", [pytest.param(by_signal, marks=since_then), by_command])
def test_new_certificates_for_new_connections(authority, replaceable, refresh):
    before, fresh = replaceable.der(), authority.issue("fresh")
    with TLSServer(client_context(authority), *replaceable.options) as server:
        with server.connect() as old:
            assert old.run(set_(b"a", b"1")) == b"STORED\r\n"
            assert seen(server) == before
            replaceable.replace(fresh)
            refresh(server, old)
            assert poll(lambda: seen(server) == fresh.der())
            assert old.run(b"get a\r\n") == value_reply(b"a", b"1")
            assert old.certificate() == before
            assert int(old.stats()["time_since_server_cert_refresh"]) <= 2


@pytest.mark.cached_only("a reload in the middle of a reply, again and again")
def test_replies_under_way_survive(authority, replaceable):
    value = b"v" * 900_000
    with TLSServer(client_context(authority), *replaceable.options) as server:
        with server.connect() as client, server.connect(receive_buffer=4096) as slow:
            client.run(set_(b"big", value))
            slow.send(b"get big\r\n" * 10)
            expected = value_reply(b"big", value) * 10
            received = b""
            for number in range(20):
                received += slow.read(100_000)
                assert client.run(b"refresh_certs\r\n") == b"OK\r\n"
            assert received + slow.read(len(expected) - len(received)) == expected


def spoil_chain(issued, authority):
    issued.certificate.write_text("no certificate\n")


def take_chain_away(issued, authority):
    issued.certificate.unlink()


def spoil_key(issued, authority):
    issued.key.write_text("no key\n")


def exchange_key(issued, authority):
    issued.key.write_bytes(authority.issue("other").key.read_bytes())


@pytest.mark.cached_only("what cannot be loaded changes nothing")
@pytest.mark.parametrize(
    "spoil, answer",
    [
        (spoil_chain, "Error loading the certificate chain: {certificate} : "),
        (take_chain_away, "Error loading the certificate chain: {certificate} : No such file"),
        (spoil_key, "Error loading the key: {key} : "),
        (exchange_key, "Error loading the key: {key} : key values mismatch"),
    ],
)
def test_broken_files_change_nothing(authority, replaceable, spoil, answer):
    before = replaceable.der()
    with TLSServer(client_context(authority), *replaceable.options) as server:
        with server.connect() as client:
            spoil(replaceable, authority)
            line = client.ask(b"refresh_certs")
            assert line.decode().startswith(answer.format(**vars(replaceable)))
            assert client.run(b"refresh_certs\r\n") == line  # one line, and nothing behind it
            server.send_signal(signal.SIGHUP)
            told = "the certificates stay as they were: "
            assert poll(lambda: server.errors().count(told) == 3)
            assert seen(server) == before
            assert client.run(set_(b"a", b"1")) == b"STORED\r\n"


def test_refreshing_without_tls(authority):
    with Server(tls_binary()) as server, server.connect() as client:
        assert client.run(b"refresh_certs\r\n") == b"Error TLS not enabled\r\n"
        assert not [name for name in client.stats() if "ssl" in name or "cert" in name]
        assert client.stats("settings")["ssl_enabled"] == "no"


# -- what does not start --


def refusal(*options):
    finished = run_to_exit(tls_binary(), "-p", "0", "-u", "root", *options)
    assert finished.returncode in (1, 64)
    lines = [line for line in finished.stderr.splitlines() if "running as root" not in line]
    assert len(lines) == 1
    return lines[0]


@pytest.mark.cached_only(
    "one line on stderr and exit code 1 or 64; memcached also uses 71 and two lines"
)
@pytest.mark.parametrize(
    "options, told",
    [
        ("", "-Z (--enable-ssl): needs a certificate; name its file with -o ssl_chain_cert"),
        ("ssl_chain_cert={none}", "{none}: No such file or directory; name a readable"),
        ("ssl_chain_cert={folder}", "{folder}: not a regular file; name a readable"),
        ("ssl_chain_cert={key}", "{key}: no start line; name a readable"),
        ("ssl_chain_cert={certificate}", "{certificate}: there is nothing like that in it; add"),
        ("ssl_chain_cert={certificate},ssl_key={none}", "{none}: No such file or directory; name"),
        ("ssl_chain_cert={certificate},ssl_key={other}", "{other}: key values mismatch; name"),
        ("ssl_chain_cert={certificate},ssl_key={locked}", "{locked}: "),
        ("ssl_chain_cert={both},ssl_ca_cert={none}", "{none}: No such file or directory; name"),
        ("ssl_chain_cert={both},ssl_ca_cert={key}", "{key}: "),
        ("ssl_chain_cert={both},ssl_ciphers=none", "none: no cipher match; give -o ssl_ciphers"),
        ("ssl_chain_cert={both},ssl_keyformat=ENGINE", "is not supported"),
        ("ssl_chain_cert={both},ssl_verify_mode=4", "takes 0 to 3"),
        ("ssl_chain_cert={both},ssl_min_version=4", "takes 0 to 3"),
    ],
)
def test_what_cannot_start_says_why(authority, issued, tmp_path, options, told):
    names = {name: str(path) for name, path in vars(issued).items()}
    names |= {"none": str(tmp_path / "none"), "folder": str(tmp_path)}
    names |= {"other": str(authority.issue("other").key), "locked": str(tmp_path / "locked")}
    openssl("ec", "-in", issued.key, "-aes256", "-passout", "pass:x", "-out", names["locked"])
    line = refusal("-Z", *(["-o", options.format(**names)] if options else []))
    assert told.format(**names) in line


@pytest.mark.cached_only(
    "one line on stderr and exit code 1 or 64; memcached also uses 71 and two lines"
)
def test_prefixes_want_tls(authority):
    for prefix in ("notls", "btls", "mtls"):
        assert "needs -Z (--enable-ssl)" in refusal("-l", f"{prefix}:127.0.0.1")


@pytest.mark.cached_only("a build without TLS says how to get one that has it")
@pytest.mark.parametrize("options", [["-Z"], ["-o", "ssl_key=x"], ["-l", "notls:127.0.0.1"]])
def test_a_build_without_tls(binary, refuse, launch, options):
    if "--ssl-key" in run_to_exit(binary, "-h").stdout:
        pytest.skip("the server under test was built with TLS")
    assert "swift build -c release --traits TLS" in refuse(*options).stderr
    with launch().connect() as client:
        assert client.run(b"refresh_certs\r\n") == b"ERROR\r\n"
        assert not [name for name in client.stats("settings") if name.startswith("ssl_")]


@pytest.mark.cached_only("settings of TLS that can do nothing are accepted with a warning")
def test_what_has_no_effect_is_told(authority, issued, socket_folder):
    with Server(tls_binary(), "-o", "ssl_verify_mode=2") as server:
        assert "have no effect without -Z" in server.errors()
    with TLSServer(client_context(authority), *issued.options, "-o", "ssl_verify_mode=1") as server:
        assert "no client's certificate will do without -o ssl_ca_cert" in server.errors()
    with TLSServer(client_context(authority), *issued.options, "-o", "ssl_min_version=0") as server:
        assert "this OpenSSL speaks nothing older than tlsv1.2" in server.errors()
    with Server(tls_binary(), *issued.options, unix=socket_folder / "s") as server:
        assert "a unix socket is not encrypted" in server.errors()
