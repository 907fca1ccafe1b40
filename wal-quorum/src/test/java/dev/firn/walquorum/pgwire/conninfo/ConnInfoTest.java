package dev.firn.walquorum.pgwire.conninfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConnInfoTest {
    private final Map<String, String> variables = new HashMap<>();

    @TempDir
    private Path home;

    @Test
    void shouldReadKeywordsAndValues() {
        final ConnInfo info = parse("host=db1 port = 5433 user='a b' password=it\\'s\\\\ dbname='x\\'y' sslmode=require"
                + " application_name=w channel_binding=disable target_session_attrs=read-write connect_timeout=1");

        assertThat(info.hosts()).containsExactly(new ServerHost("db1", "", 5433));
        assertThat(info.user()).isEqualTo("a b");
        assertThat(info.database()).isEqualTo("x'y");
        assertThat(password(info)).isEqualTo("it's\\");
        assertThat(info.sslMode()).isEqualTo(SslMode.REQUIRE);
        assertThat(info.applicationName()).isEqualTo("w");
        assertThat(info.channelBinding()).isEqualTo(ChannelBinding.DISABLE);
        assertThat(info.targetSession()).isEqualTo(TargetSession.READ_WRITE);
        assertThat(info.connectTimeout()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void shouldReadAUri() {
        final ConnInfo info =
                parse("postgresql://a%20b:p%40%3a@db1:5433,[::1],db3:5435/x%2Fy?sslmode=verify-ca&options=-c%20a%3Db");

        assertThat(info.hosts())
                .containsExactly(
                        new ServerHost("db1", "", 5433),
                        new ServerHost("::1", "", 5432),
                        new ServerHost("db3", "", 5435));
        assertThat(info.user()).isEqualTo("a b");
        assertThat(password(info)).isEqualTo("p@:");
        assertThat(info.database()).isEqualTo("x/y");
        assertThat(info.sslMode()).isEqualTo(SslMode.VERIFY_CA);
        assertThat(info.options()).isEqualTo("-c a=b");
    }

    @Test
    void shouldReadASocketDirectoryFromAUri() {
        assertThat(parse("postgres://%2Fvar%2Frun%2Fpg:5433/db").hosts())
                .containsExactly(new ServerHost("/var/run/pg", "", 5433));
        assertThat(parse("postgres:///db?host=/run/pg").hosts().getFirst().socketFile())
                .isEqualTo(Path.of("/run/pg/.s.PGSQL.5432"));
        assertThat(parse("postgres://u@/db?ssl=true&host=h").sslMode()).isEqualTo(SslMode.REQUIRE);
    }

    @Test
    void shouldTakeDefaults() {
        final ConnInfo info = parse("host=h");

        assertThat(info.hosts()).containsExactly(new ServerHost("h", "", 5432));
        assertThat(info.user()).isEqualTo("someone");
        assertThat(info.database()).isEqualTo("someone");
        assertThat(info.sslMode()).isEqualTo(SslMode.PREFER);
        assertThat(info.applicationName()).isEqualTo("firn");
        assertThat(info.keepalives()).isEqualTo(new Keepalives(true, 0, 0, 0));
        assertThat(info.connectTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(parse("host=h connect_timeout=0").connectTimeout()).isGreaterThan(Duration.ofDays(30));
        assertThat(info.tlsFiles().rootCertificates()).isNull();
        assertThat(info.holdsPassword()).isFalse();
        assertThat(parse("").hosts()).hasSize(1);
    }

    @Test
    void shouldGoByTheEnvironmentWhenTheTextIsSilent() {
        variables.put("PGHOST", "envhost");
        variables.put("PGPORT", "7777");
        variables.put("PGPASSWORD", "from env");
        variables.put("PGSSLMODE", "verify-full");

        assertThat(parse("user=u").hosts()).containsExactly(new ServerHost("envhost", "", 7777));
        assertThat(password(parse("user=u"))).isEqualTo("from env");
        assertThat(password(parse("password=given"))).isEqualTo("given");
        assertThat(parse("sslmode=disable host=h").sslMode()).isEqualTo(SslMode.DISABLE);
        assertThat(parse("host=h").toString())
                .contains("port=7777", "sslmode=verify-full")
                .doesNotContain("from env");

        variables.put("PGHOSTADDR", "10.0.0.1");
        assertThat(parse("").hosts()).containsExactly(new ServerHost("envhost", "10.0.0.1", 7777));
        assertThat(parse("host=h").hosts()).containsExactly(new ServerHost("h", "", 7777));
    }

    @Test
    void shouldReadWhatItWritesWhenItHoldsNoPassword() {
        final ConnInfo info = parse("host=a,b port=1,2 user=it\\'s password=secret dbname='a \\\\ \\' b' options=''");
        final String text = info.withoutSecrets();

        assertThat(text).doesNotContain("secret").doesNotContain("password");
        final ConnInfo again = parse(text);
        assertThat(again.hosts()).isEqualTo(info.hosts());
        assertThat(again.user()).isEqualTo(info.user());
        assertThat(again.database()).isEqualTo("a \\ ' b");
        assertThat(again.withoutSecrets()).isEqualTo(text);
        assertThat(again.withPassword("x y").toString()).isEqualTo(text);
        assertThat(password(again.withPassword("x y"))).isEqualTo("x y");
        assertThat(again.withApplicationName("w2").applicationName()).isEqualTo("w2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hots=db1|there is no connection parameter hots",
                "host=db1 password=secret hunter|has no = after the word at character 26",
                "host=db1 password=secret se-cret=2|keyword that is none: values with spaces are put in single quotes",
                "host='db1|a quote at character 6 that is not closed",
                "host=db1 port=x|port takes a whole number, not x",
                "host=db1 port=70000|there is no port 70000",
                "host=a,b,c port=1,2|names 3 hosts and 2 ports",
                "host=a,b hostaddr=1.1.1.1|name 2 and 1 hosts",
                "host=a sslmode=full|sslmode can be disable, allow, prefer, require, verify-ca, verify-full, not full",
                "host=a service=x|service is not supported here: leave it out",
                "host=a gssencmode=require|gssencmode can only be disable or prefer here, not require",
                "host=a client_encoding=latin1|client_encoding can only be",
                "host=a sslrootcert=system|needs sslmode=verify-full, not prefer",
                "host=a ssl_min_protocol_version=SSLv3|can be TLSv1, TLSv1.1, TLSv1.2, TLSv1.3, not SSLv3",
                "host=a target_session_attrs=rw|target_session_attrs can be any, read-write",
                "host=@abstract|abstract name space",
                "host=a sslpassword=secret|sslpassword is not supported here",
                "postgresql://u:secret@h/db?foo=1|there is no connection parameter foo",
                "postgresql://u:secret%zz@h/db|% without two hexadecimal digits",
                "postgresql://u:secret@[::1/db|[ without an IPv6 address and a ]",
                "postgresql://u:secret@[::1]x/db|something else than a colon behind a ]",
                "postgresql://u:secret@h/db?a|not keyword=value",
                "postgresql://u:secret@h/db?user=%00|%00",
            })
    void shouldSayOneSentenceWithoutThePasswordWhenItIsWrong(final String text, final String sentence) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(ConnInfoException.class)
                .hasMessageContaining(sentence)
                .message()
                .doesNotContain("secret", "hunter", "\n");
    }

    @Test
    void shouldFindThePasswordInAFile() throws IOException {
        Files.writeString(home.resolve(".pgpass"), """
                # comment:*:*:*:no
                db1:5432:replication:u:for\\:replication\\\\
                db1:*:*:u:for u
                localhost:5432:*:*:by socket
                short:line
                *:*:x\\:y:*:for x:ignored
                """);
        closed(home.resolve(".pgpass"));

        assertThat(password(parse("host=db1 user=u"), "replication")).isEqualTo("for:replication\\");
        assertThat(password(parse("host=db1 user=u port=1"), "replication")).isEqualTo("for u");
        assertThat(password(parse("host=db2 user=u"), "x:y")).isEqualTo("for x");
        assertThat(password(parse("host=db2 user=u"), "z")).isNull();
        assertThat(password(parse("host=/tmp user=u"), "z")).isEqualTo("by socket");
        assertThat(password(parse("host=/other user=u"), "z")).isNull();
        assertThat(password(parse("host=db1 user=u password=given"), "z")).isEqualTo("given");
        assertThat(password(parse("host=db1 user=u passfile=" + home.resolve("none")), "z"))
                .isNull();
    }

    @Test
    void shouldRefuseAPasswordFileWhenOthersCanReadIt() throws IOException {
        final Path file = Files.writeString(home.resolve("pass"), "*:*:*:*:secret\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

        assertThatThrownBy(() -> password(parse("host=h passfile=" + file)))
                .isInstanceOf(ConnInfoException.class)
                .hasMessageContaining("chmod 0600 " + file);
    }

    @Test
    void shouldTakeCertificatesFromTheirUsualPlaceWhenTheyAreThere() throws IOException {
        final Path folder = Files.createDirectory(home.resolve(".postgresql"));
        final Path root = Files.createFile(folder.resolve("root.crt"));

        assertThat(parse("host=h").tlsFiles().rootCertificates()).isEqualTo(root);
        assertThat(parse("host=h").tlsFiles().certificate()).isNull();
        assertThat(parse("host=h sslrootcert=/x sslsni=0 ssl_max_protocol_version=tlsv1.2")
                        .tlsFiles())
                .isEqualTo(new TlsFiles(Path.of("/x"), null, null, false, "TLSv1.2", "TLSv1.2"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "replication=true",
                "client_encoding=UTF8",
                "gssencmode=prefer",
                "sslnegotiation=postgres",
                "krbsrvname=p"
            })
    void shouldTakeWhatAsksForWhatIsDoneAnyway(final String text) {
        assertThat(parse("host=h " + text).hosts()).hasSize(1);
    }

    private ConnInfo parse(final String text) {
        return ConnInfo.parse(text, new ConnEnvironment(variables::get, "someone", home));
    }

    private static String password(final ConnInfo info) {
        return password(info, info.database());
    }

    private static String password(final ConnInfo info, final String database) {
        return info.password(info.hosts().getFirst(), database).orElse(null);
    }

    private static void closed(final Path file) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
}
