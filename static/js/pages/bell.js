// A short tone, where somebody wants to hear that something has come.

const kHertz = 880;
const kSeconds = 0.25;
const kVolume = 0.2;

let audio = null;

export function ring() {
  audio ??= new AudioContext();
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  volume.gain.value = kVolume;
  tone.frequency.value = kHertz;
  tone.connect(volume).connect(audio.destination);
  tone.start();
  tone.stop(audio.currentTime + kSeconds);
}
