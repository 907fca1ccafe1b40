package dev.firn.nativeio.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryTagTest {
    @Test
    void shouldGiveTheSameTagForTheSameName() {
        final MemoryTag tag = MemoryTag.of("test-same");
        assertThat(MemoryTag.of("test-same")).isSameAs(tag);
        assertThat(MemoryTag.at(tag.index())).isSameAs(tag);
        assertThat(MemoryTag.all()).contains(tag).doesNotHaveDuplicates();
        assertThat(tag.name()).isEqualTo("test-same");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Pages", "two words", "1st", "a_b"})
    void shouldRefuseWhatIsNoLabel(final String name) {
        assertThatThrownBy(() -> MemoryTag.of(name)).isInstanceOf(IllegalArgumentException.class);
    }
}
