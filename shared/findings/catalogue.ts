/** The one list of findings. Codes are never reused; retired rows stay, marked. */
export type Code = `WM${string}`;
