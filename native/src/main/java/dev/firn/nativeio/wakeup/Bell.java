package dev.firn.nativeio.wakeup;

/** What a sleeping thread is woken by. All of it is called by that thread. */
sealed interface Bell permits Doorbell, Wakeup {
    /** Readable when somebody has rung. */
    int descriptor();

    /** From now on whoever rings is heard. What was there before has to be looked for once more. */
    void arm();

    /** Nobody need ring any more. */
    void disarm();

    /** Takes what was rung, so that the descriptor is not readable any more. */
    void drain();

    /** Whether the next wait is to be a short one. */
    boolean takeHurry();
}
