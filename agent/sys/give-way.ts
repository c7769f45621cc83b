/** Others of this process get their turn: between steps of work that is long and waits for nothing. */
export const giveWay = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
