/** Has the recording go on from this place, in milliseconds. */
export function placeAt(media: HTMLAudioElement, ms: number): void {
  media.currentTime = ms / 1000;
}

/** Has it be heard so fast, now and after it was loaded. */
export function hearAt(media: HTMLAudioElement, speed: number): void {
  media.defaultPlaybackRate = speed;
  media.playbackRate = speed;
}
