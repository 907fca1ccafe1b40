package dev.firn.nativeio.wakeup;

/** What a sleeping thread is woken by. All of it is called by that thread. */
sealed interface Bell permits Doorbell, Wakeup {
    /** Readable when somebody has rung. */
    int descriptor();

    /**
     * From now on whoever rings is heard. What was there before has to be looked for once more.
     *
     * @param rings how many it takes to wake the owner; a bell that does not count them wakes it at the first.
     */
    void arm(int rings);

    /** Nobody need ring any more. */
    void disarm();

    /** Takes what was rung, so that the descriptor is not readable any more. */
    void drain();

    /** Whether the next wait is to be a short one. */
    boolean takeHurry();
}
