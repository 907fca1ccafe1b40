package dev.firn.s3tier.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.firn.nativeio.seam.SystemClock;
import dev.firn.nativeio.seam.SystemRandom;
import dev.firn.s3tier.crt.CrtBackend;
import dev.firn.s3tier.crt.CrtConfig;
import dev.firn.s3tier.crt.CrtCredentials;
import dev.firn.s3tier.crt.CrtProxy;
import dev.firn.s3tier.s3server.FaultProxy;
import dev.firn.s3tier.s3server.S3MockServer;
import dev.firn.s3tier.s3server.S3Server;
import dev.firn.s3tier.s3server.ServerTrait;
import java.io.IOException;
import java.net.URI;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whether the check tells a fit server from an unfit one when it speaks with real ones. */
final class StoreCheckServersTest {
    private static final String BUCKET = "store-check";
    private static final long SEED = 77;
    private static final Set<CheckKind> RACES = Set.of(CheckKind.CREATE_RACE, CheckKind.REPLACE_RACE);
    private static final int CHECKS = 10;

    private static S3MockServer server;

    @BeforeAll
    static void openServer() throws IOException {
        server = (S3MockServer) S3Server.shared();
        server.createBucket(BUCKET);
    }

    @Test
    void shouldCallAServerFitThatDoesWhatS3Does() {
        final CheckReport report = check(server.endpoint(), server);
        assertThat(report.verdict()).as("%s", report).isEqualTo(CheckVerdict.FIT);
        assertThat(report.leftBehind()).isEmpty();
    }

    /** It honours every condition that comes alone. Whether two writes meet is up to the machine's processors, so that it is checked until they do. */
    @Test
    void shouldFindOutAServerWhoseConditionalWritesAreNotAtomic() {
        final Set<CheckKind> found = EnumSet.noneOf(CheckKind.class);
        for (int i = 0; i < CHECKS && Collections.disjoint(found, RACES); i++) {
            final CheckReport report = check(server.disorderlyEndpoint(), server);
            assertThat(report.verdict()).isEqualTo(CheckVerdict.UNFIT);
            found.addAll(failed(report));
        }
        assertThat(found).containsAnyElementsOf(RACES);
    }

    @Test
    void shouldFindOutAServerWithoutConditionalWrites() throws IOException {
        shouldFindOutAServerThatIsUnfit(ServerTrait.WITHOUT_CONDITIONAL_WRITES);
    }

    @Tag("long")
    @ParameterizedTest
    @EnumSource(ServerTrait.class)
    void shouldFindOutAServerThatIsUnfit(final ServerTrait trait) throws IOException {
        try (FaultProxy proxy = FaultProxy.before(server.endpoint(), SEED)) {
            proxy.give(trait);
            final CheckReport report = check(proxy.endpoint(), server);
            assertThat(report.verdict()).as("%s", report).isEqualTo(CheckVerdict.UNFIT);
            assertThat(failed(report)).as("%s", report).containsAll(foundBy(trait));
        }
    }

    private static List<CheckKind> foundBy(final ServerTrait trait) {
        return switch (trait) {
            case WITHOUT_CONDITIONAL_WRITES, REFUSES_CONDITIONAL_WRITES ->
                List.of(
                        CheckKind.CREATE_IF_ABSENT,
                        CheckKind.CREATE_RACE,
                        CheckKind.REPLACE_IF_MATCH,
                        CheckKind.REPLACE_RACE,
                        CheckKind.MULTIPART_IF_ABSENT,
                        CheckKind.MULTIPART_RACE);
            case WITHOUT_CONDITIONAL_REPLACE -> List.of(CheckKind.REPLACE_IF_MATCH, CheckKind.REPLACE_RACE);
            case STALE_LISTS -> List.of(CheckKind.LIST_AFTER_WRITE);
            case IGNORES_RANGES -> List.of(CheckKind.RANGED_GET);
            case WITHOUT_CHECKSUMS -> List.of(CheckKind.CHECKSUM);
            case WITHOUT_METADATA -> List.of(CheckKind.METADATA);
        };
    }

    /** Its conditional replace and its checksums: see {@code CephServerTest}. */
    @Test
    @Tag("long")
    void shouldCallCeph16Unfit() throws IOException {
        assumeTrue(
                S3Server.cephIsMissing().isEmpty(),
                () -> S3Server.cephIsMissing().orElseThrow());
        try (S3Server ceph = S3Server.startCeph()) {
            ceph.createBucket(BUCKET);
            final CheckReport report = check(ceph.endpoint(), ceph);
            assertThat(report.verdict()).isEqualTo(CheckVerdict.UNFIT);
            assertThat(failed(report))
                    .as("%s", report)
                    .contains(CheckKind.REPLACE_IF_MATCH, CheckKind.CHECKSUM)
                    .doesNotContain(CheckKind.CREATE_IF_ABSENT, CheckKind.CREATE_RACE);
        }
    }

    private static List<CheckKind> failed(final CheckReport report) {
        return report.results().stream()
                .filter(result -> result.status() == CheckStatus.FAIL)
                .map(CheckResult::kind)
                .toList();
    }

    private static CheckReport check(final URI endpoint, final S3Server account) {
        final CrtConfig config = CrtConfig.ofBucket(BUCKET)
                .endpoint(endpoint)
                .region(account.region())
                .credentials(new CrtCredentials.Fixed(account.accessKeyId(), account.secretAccessKey(), null))
                .proxy(CrtProxy.NONE)
                .build();
        try (CrtBackend backend = CrtBackend.open(config, SystemClock.INSTANCE)) {
            return new StoreCheck(
                            backend,
                            SystemClock.INSTANCE,
                            SystemRandom.create(),
                            StoreCheck.DEFAULT_LIMIT,
                            CheckListener.SILENT)
                    .run();
        }
    }
}
