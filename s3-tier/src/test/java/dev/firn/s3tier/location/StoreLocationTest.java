package dev.firn.s3tier.location;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.location.StoreLocation.BucketLocation;
import dev.firn.s3tier.location.StoreLocation.DirectoryLocation;
import dev.firn.s3tier.store.ObjectStore;
import dev.firn.s3tier.store.StoreLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How store URLs are read and written. */
class StoreLocationTest {
    @Test
    void shouldReadABucketWithPrefixAndSettings() {
        final BucketLocation location = (BucketLocation) StoreLocation.parse("s3://warehouse/firn/prod"
                + "?endpoint=https://store.example:9000/&region=eu-central-1&style=PATH&ca=/etc/ssl/own.pem&profile=firn prod"
                + "&proxy=http://proxy.example:3128&checksum=crc64nvme&insecure=false");
        assertThat(location.bucket()).isEqualTo("warehouse");
        assertThat(location.prefix()).isEqualTo("firn/prod/");
        assertThat(location.settings())
                .isEqualTo(Map.of(
                        "endpoint", "https://store.example:9000",
                        "region", "eu-central-1",
                        "style", "path",
                        "ca", "/etc/ssl/own.pem",
                        "profile", "firn prod",
                        "proxy", "http://proxy.example:3128",
                        "checksum", "crc64nvme",
                        "insecure", "false"));
    }

    @ParameterizedTest
    @CsvSource({
        "s3://bucket, ''",
        "s3://bucket/, ''",
        "s3://bucket/a, a/",
        "s3://bucket/a/, a/",
        "S3://bucket/a%3Fb%25+c d, a?b%+c d/",
        "s3://bucket/a//b#c, a//b#c/",
        "s3://bucket/%E6%97%A5, \u65e5/"
    })
    void shouldReadAPrefix(final String url, final String prefix) {
        final BucketLocation location = (BucketLocation) StoreLocation.parse(url);
        assertThat(location.bucket()).isEqualTo("bucket");
        assertThat(location.prefix()).isEqualTo(prefix);
        assertThat(location.settings()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "file:///var/lib/firn, /var/lib/firn",
        "file:/var/lib/firn/, /var/lib/firn",
        "file:///a%20b/%25c+d, /a b/%c+d",
        "/var/../lib/x, /lib/x",
        "/odd?name%20, /odd?name%20"
    })
    void shouldReadADirectory(final String url, final String path) {
        assertThat(StoreLocation.parse(url)).isEqualTo(new DirectoryLocation(Path.of(path)));
    }

    @Test
    void shouldTakeARelativePathFromWhereTheProcessStands() {
        assertThat(StoreLocation.parse("objects"))
                .isEqualTo(new DirectoryLocation(Path.of("objects").toAbsolutePath()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://bucket/",
                "s3://bucket/a%20b%25%3F+c/?endpoint=http://[::1]:9000&region=us-east-1&style=virtual&checksum=none&insecure=true",
                "s3://bucket/\u65e5/?profile=a%26b%25%20c&anonymous=false&proxy=none",
                "file:///a%20b/%25c%3F",
                "file:///"
            })
    void shouldPrintWhatItReadsBack(final String url) {
        final StoreLocation location = StoreLocation.parse(url);
        assertThat(location).hasToString(url);
        assertThat(StoreLocation.parse(location.toString())).isEqualTo(location);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | is not empty",
                "gs://bucket | no store for the scheme gs: a store URL is s3://bucket/prefix, file:///path, or a path",
                "s3a://bucket | write s3://",
                "https://host:9000/bucket | ?endpoint=https://host:port",
                "s3:// | the bucket is missing",
                "s3:///prefix | the bucket is missing",
                "s3://b | b is no bucket's name",
                "s3://host:9000/bucket | host:9000 is no bucket: name the server as a setting",
                "s3://bucket?regoin=x | \"regoin\" is no setting of a store URL: there are endpoint, region, style, ca, profile",
                "s3://bucket?region= | the setting region has no value",
                "s3://bucket?region | the setting region has no value",
                "s3://bucket? | \"\" is no setting",
                "s3://bucket?region=a&region=b | the setting region stands in the URL twice",
                "s3://bucket?region=eu west | region=eu west is not a region",
                "s3://bucket?style=dns | style=dns is none of path, virtual",
                "s3://bucket?checksum=sha1 | checksum=sha1 is none of crc32c, crc64nvme, md5, none",
                "s3://bucket?insecure=yes | insecure=yes is none of true, false",
                "s3://bucket?endpoint=host:9000 | endpoint=host:9000 is not of the form https://host:port",
                "s3://bucket?endpoint=https://host/path | is not of the form https://host:port",
                "s3://bucket?endpoint=https://host:70000 | is not of the form https://host:port",
                "s3://bucket?proxy=socks://host:1 | proxy=socks://host:1 is not of the form",
                "s3://bucket/a/../b | no part named ..",
                "s3://bucket/a%zz | followed by two hexadecimal digits",
                "s3://bucket/a%f | followed by two hexadecimal digits",
                "s3://bucket/%FF | not UTF-8",
                "file://host/path | names no host",
                "file:relative | an absolute path",
                "file:///a?region=x | a directory has no settings"
            })
    void shouldSayWhatIsWrong(final String url, final String sentence) {
        assertThatThrownBy(() -> StoreLocation.parse(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(sentence);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://AKIAHUSHHUSH:hushhush@bucket/prefix",
                "s3://bucket?access_key=hushhush",
                "s3://bucket?aws_secret_access_key=hushhush",
                "s3://bucket?secretKey=hushhush",
                "s3://bucket?session-token=hushhush",
                "s3://bucket?password=hushhush",
                "s3://bucket?X-Amz-Signature=hushhush",
                "s3://bucket?key=hushhush",
                "s3://bucket?region=eu-1&credentials=hushhush",
                "s3://bucket?endpoint=https://hushhush:hushhush@host:9000",
                "s3://bucket?proxy=http://user:hushhush@host:3128"
            })
    void shouldRefuseASecretAndSayWhereItGoes(final String url) {
        assertThatThrownBy(() -> StoreLocation.parse(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("AWS_ACCESS_KEY_ID")
                .hasMessageContaining("profile=NAME")
                .message()
                .doesNotContainIgnoringCase("hush");
    }

    @Test
    void shouldTakeTheWholeBucketAsTheStoreOfAnObject() {
        final ObjectAddress address = ObjectAddress.parse("s3://bucket/a/b%20c?region=eu-1");
        assertThat(address.key()).isEqualTo("a/b c");
        assertThat(address.store()).isEqualTo(new BucketLocation("bucket", "", Map.of("region", "eu-1")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"s3://bucket", "s3://bucket/", "s3://bucket/a/", "file:///a/", "s3://bucket?region=x"})
    void shouldSayThatAUrlNamesNoObject(final String url) {
        assertThatThrownBy(() -> ObjectAddress.parse(url)).hasMessageContaining("names no object");
    }

    @Test
    void shouldTakeTheNearestStoreAboveAFile(@TempDir final Path folder) throws IOException {
        final Path store = Files.createDirectories(folder.resolve("a/store"));
        Files.createDirectories(store.resolve(".firn"));
        Files.createFile(store.resolve(".firn/format"));
        final DirectoryLocation location = new DirectoryLocation(store);
        assertThat(ObjectAddress.parse(store + "/x/y z")).isEqualTo(new ObjectAddress(location, "x/y z"));
        assertThat(ObjectAddress.parse("file://" + store + "/x%20y")).isEqualTo(new ObjectAddress(location, "x y"));
        assertThat(ObjectAddress.parse(store + "/x//y")).isEqualTo(new ObjectAddress(location, "x//y"));
        assertThat(ObjectAddress.parse(folder + "/a/../a/store/x")).isEqualTo(new ObjectAddress(location, "x"));
        assertThat(ObjectAddress.parsePrefix(store.toString())).isEqualTo(new ObjectAddress(location, ""));
        assertThat(ObjectAddress.parsePrefix(store + "//")).isEqualTo(new ObjectAddress(location, ""));
        assertThat(ObjectAddress.parsePrefix(store + "/x/y/")).isEqualTo(new ObjectAddress(location, "x/y/"));
        assertThat(ObjectStores.isMade(location)).isTrue();
    }

    @Test
    void shouldTakeTheDirectoryOfAFileWhenNoneAboveIsAStore(@TempDir final Path folder) {
        final DirectoryLocation location = new DirectoryLocation(folder);
        assertThat(ObjectAddress.parse(folder + "/x")).isEqualTo(new ObjectAddress(location, "x"));
        assertThat(ObjectAddress.parsePrefix(folder.toString())).isEqualTo(new ObjectAddress(location, ""));
        assertThat(ObjectStores.isMade(location)).isFalse();
    }

    @Test
    void shouldReadAPrefixInABucket() {
        assertThat(ObjectAddress.parsePrefix("s3://bucket/a/b?region=eu-1"))
                .isEqualTo(new ObjectAddress(new BucketLocation("bucket", "", Map.of("region", "eu-1")), "a/b/"));
        assertThat(ObjectStores.isMade(StoreLocation.parse("s3://bucket"))).isTrue();
    }

    @Test
    void shouldOpenADirectoryThatIsThereAndNoOther(@TempDir final Path folder) throws IOException {
        try (ObjectStore store = open(folder)) {
            assertThat(store.describe()).contains(folder.toString());
        }
        assertThat(ObjectStores.isMade(new DirectoryLocation(folder))).isTrue();
        assertThatThrownBy(() -> open(folder.resolve("none")))
                .isInstanceOf(StoreOpeningException.class)
                .hasMessage("there is no directory " + folder.resolve("none") + ": create it first");
        final Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> open(file)).hasMessageContaining(file + " is no directory");
    }

    @Test
    void shouldOpenABucketWithItsSettings() {
        final StoreLocation location = StoreLocation.parse("s3://bucket/p?endpoint=http://localhost:1&region=eu-7"
                + "&style=virtual&anonymous=true&proxy=none&checksum=md5&insecure=true");
        try (ObjectStore store =
                ObjectStores.open(location, StoreLimits.DEFAULT, SystemClock.INSTANCE, SystemRandom.seeded(1))) {
            assertThat(store.describe()).contains("s3://bucket/p/", "eu-7", "localhost:1", "MD5", "no proxy");
        }
        assertThatThrownBy(() -> ObjectStores.open(
                        StoreLocation.parse("s3://bucket?ca=/nonexistent.pem"),
                        StoreLimits.DEFAULT,
                        SystemClock.INSTANCE,
                        SystemRandom.seeded(1)))
                .isInstanceOf(StoreOpeningException.class)
                .hasMessage("the file of ca=/nonexistent.pem is not there, or may not be read");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:9000", "[::1]:9000"})
    void shouldSayThatABucketCannotStandBeforeAnAddress(final String server) {
        assertThatThrownBy(() -> ObjectStores.open(
                        StoreLocation.parse("s3://bucket?style=virtual&endpoint=http://" + server),
                        StoreLimits.DEFAULT,
                        SystemClock.INSTANCE,
                        SystemRandom.seeded(1)))
                .isInstanceOf(StoreOpeningException.class)
                .hasMessageContaining("style=path");
    }

    private static ObjectStore open(final Path directory) {
        return ObjectStores.open(
                new DirectoryLocation(directory), StoreLimits.DEFAULT, SystemClock.INSTANCE, SystemRandom.seeded(1));
    }
}
