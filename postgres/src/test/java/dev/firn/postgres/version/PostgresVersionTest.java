package dev.firn.postgres.version;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PostgresVersionTest {
    @Test
    void shouldFindEachVersionByItsNumbers() {
        for (final PostgresVersion version : PostgresVersion.values()) {
            assertThat(PostgresVersion.ofMajor(version.major())).isSameAs(version);
            assertThat(PostgresVersion.ofWalPageMagic(version.walPageMagic())).isSameAs(version);
            assertThat(PostgresVersion.ofControlFile(version.controlVersion(), version.catalogVersion()))
                    .isSameAs(version);
        }
    }

    @Test
    void shouldKnowTheRelationMapSizes() {
        assertThat(PostgresVersion.V15.relationMapBytes()).isEqualTo(512);
        assertThat(PostgresVersion.V17.relationMapBytes()).isEqualTo(524);
    }

    @Test
    void shouldSayWhatItReadsWhenAskedForAnotherVersion() {
        assertThatThrownBy(() -> PostgresVersion.ofMajor(9)).hasMessageContaining("15, 17");
        assertThatThrownBy(() -> PostgresVersion.ofControlFile(1300, 202307071)).hasMessageContaining("202307071");
        assertThat(PostgresVersion.ofWalPageMagic(0)).isNull();
    }
}
