package dev.firn.nativeio.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CpuSetTest {
    @Test
    void shouldReadAndWriteTheKernelsListFormat() {
        assertThat(CpuSet.parse("0-3,8\n")).isEqualTo(CpuSet.of(0, 1, 2, 3, 8)).hasToString("0-3,8");
        assertThat(CpuSet.parse("5, 4,6")).hasToString("4-6");
        assertThat(CpuSet.parse("8191")).hasToString("8191");
        assertThat(CpuSet.of()).hasToString("").matches(CpuSet::isEmpty);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "1-", "-1", "3-1", "1,,2", "8192", "99999", "1-2-3"})
    void shouldRefuseWhatIsNoList(final String list) {
        assertThatThrownBy(() -> CpuSet.parse(list)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void shouldConvertToMasksAndBack() {
        final CpuSet set = CpuSet.of(0, 63, 64, 200);
        assertThat(CpuSet.ofMask(set.mask())).isEqualTo(set).hasSameHashCodeAs(set);
        assertThat(set.mask()[0]).isEqualTo(Long.MIN_VALUE | 1);
        assertThat(set.contains(64)).isTrue();
        assertThat(set.contains(65)).isFalse();
        assertThat(set.count()).isEqualTo(4);
        assertThat(set.minus(CpuSet.of(63, 64, 65))).isEqualTo(CpuSet.of(0, 200));
        assertThat(set.stream()).containsExactly(0, 63, 64, 200);
    }
}
