package dev.firn.postgres.file;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TransactionIdTest {
    @Test
    void shouldOrderTransactionsInACircle() {
        assertThat(TransactionId.precedes(3, 4)).isTrue();
        assertThat(TransactionId.precedes(4, 4)).isFalse();
        assertThat(TransactionId.precedes(-1, 3)).isTrue();
        assertThat(TransactionId.precedes(3, -1)).isFalse();
        assertThat(TransactionId.precedes(100, 0x8000_0063)).isTrue();
        assertThat(TransactionId.precedes(100, 0x8000_0064)).isTrue();
        assertThat(TransactionId.precedes(100, 0x8000_0065)).isFalse();
    }

    @Test
    void shouldHaveSpecialTransactionsComeFirst() {
        assertThat(TransactionId.precedes(2, -1)).isTrue();
        assertThat(TransactionId.precedes(-1, 2)).isFalse();
        assertThat(TransactionId.precedes(0, 1)).isTrue();
        assertThat(TransactionId.isNormal(2)).isFalse();
        assertThat(TransactionId.isNormal(3)).isTrue();
        assertThat(TransactionId.isNormal(-1)).isTrue();
    }
}
