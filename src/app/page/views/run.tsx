export default function Run() {
  return <p class="empty">Not built yet.</p>;
}
