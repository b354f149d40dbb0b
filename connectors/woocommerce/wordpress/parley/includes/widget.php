<?php
/**
 * The chat on every page, in classic and block themes alike. Nothing printed here depends on the visitor.
 *
 * @package Parley
 */

defined( 'ABSPATH' ) || exit;

// Names whoever is logged in to the page's script, without saying who it is. A cached page cannot tell it.
const PARLEY_COOKIE = 'parley_user';

// What is written into a script can neither end it nor begin another.
const PARLEY_JSON = JSON_HEX_TAG | JSON_HEX_AMP | JSON_HEX_APOS | JSON_HEX_QUOT;

/**
 * Whether this page gets the chat.
 *
 * @return bool
 */
function parley_shows_chat() {
	/**
	 * Leave the chat out of some pages.
	 *
	 * @param bool $shows Whether this page shows the chat.
	 */
	return parley_is_set_up() && apply_filters( 'parley_shows_chat', true );
}

/**
 * Let the page call SoftbetChat before the script has come: the calls wait for it.
 */
function parley_print_stub() {
	if ( parley_shows_chat() ) {
		wp_print_inline_script_tag(
			'window.SoftbetChat=window.SoftbetChat||function(){(SoftbetChat.q=SoftbetChat.q||[]).push(arguments)};',
			array( 'id' => 'parley-stub' )
		);
	}
}
add_action( 'wp_head', 'parley_print_stub', 1 );

/**
 * Put the hub's script at the page's end, and ours that asks who is logged in.
 */
function parley_enqueue() {
	if ( ! parley_shows_chat() ) {
		return;
	}
	$settings = parley_settings();
	$footer   = array(
		'strategy'  => 'defer',
		'in_footer' => true,
	);
	if ( parley_can_identify() ) {
		$config = array(
			'app'      => $settings['app_id'],
			'identity' => wp_make_link_relative( rest_url( 'parley/v1/identity' ) ),
		);
		wp_enqueue_script( 'parley', plugins_url( 'assets/parley.js', PARLEY_FILE ), array(), PARLEY_VERSION, $footer );
		wp_add_inline_script( 'parley', 'window.parleyChat=' . wp_json_encode( $config, PARLEY_JSON ) . ';', 'before' );
	}
	// The hub says itself how long its script may be kept.
	wp_enqueue_script( 'parley-widget', $settings['hub'] . '/widget.js', array(), null, $footer ); // phpcs:ignore WordPress.WP.EnqueuedResourceParameters.MissingVersion
}
add_action( 'wp_enqueue_scripts', 'parley_enqueue' );

/**
 * Name the widget on the hub's script.
 *
 * @param string $tag    The script's HTML.
 * @param string $handle Which script it is.
 * @return string
 */
function parley_name_widget( $tag, $handle ) {
	if ( 'parley-widget' !== $handle ) {
		return $tag;
	}
	$settings = parley_settings();
	return str_replace( '<script ', '<script data-app-id="' . esc_attr( $settings['app_id'] ) . '" ', $tag );
}
add_filter( 'script_loader_tag', 'parley_name_widget', 10, 2 );

/**
 * What the cookie says of a user: another word for each, which names nobody.
 *
 * @param int $user_id The user; 0 is nobody.
 * @return string Empty for nobody.
 */
function parley_word_for( $user_id ) {
	return $user_id ? substr( wp_hash( 'parley|' . $user_id ), 0, 16 ) : '';
}

/**
 * Write the cookie, or remove it for nobody.
 *
 * @param string $word    What parley_word_for() gave.
 * @param int    $expires When the login ends; 0 with the browser.
 */
function parley_set_cookie( $word, $expires = 0 ) {
	if ( headers_sent() ) {
		return;
	}
	$options = array(
		'expires'  => '' === $word ? 1 : $expires,
		'path'     => COOKIEPATH ? COOKIEPATH : '/',
		'domain'   => (string) COOKIE_DOMAIN,
		'secure'   => is_ssl(),
		'httponly' => false, // The page's script has to read it. It proves nothing.
		'samesite' => 'Lax',
	);
	setcookie( PARLEY_COOKIE, $word, $options );
}

/**
 * Somebody logs in.
 *
 * @param string $cookie     WordPress's own cookie.
 * @param int    $expires    When the browser forgets it; 0 with the browser.
 * @param int    $expiration When WordPress no longer accepts it.
 * @param int    $user_id    Who it is.
 */
function parley_note_login( $cookie, $expires, $expiration, $user_id ) {
	if ( parley_can_identify() ) {
		parley_set_cookie( parley_word_for( $user_id ), (int) $expires );
	}
}
add_action( 'set_logged_in_cookie', 'parley_note_login', 10, 4 );

/**
 * Somebody logs out.
 */
function parley_note_logout() {
	parley_set_cookie( '' );
}
add_action( 'clear_auth_cookie', 'parley_note_logout' );

/**
 * Mend the cookie of those who were logged in before the plugin was there, or no longer are.
 */
function parley_mend_cookie() {
	if ( wp_doing_cron() || wp_doing_ajax() || is_admin() || ! parley_can_identify() ) {
		return;
	}
	$said = isset( $_COOKIE[ PARLEY_COOKIE ] ) ? sanitize_key( wp_unslash( $_COOKIE[ PARLEY_COOKIE ] ) ) : '';
	// Not who is current: in the REST API that is nobody unless a nonce came along.
	$word = parley_word_for( (int) wp_validate_auth_cookie( '', 'logged_in' ) );
	if ( $said !== $word ) {
		parley_set_cookie( $word );
	}
}
add_action( 'init', 'parley_mend_cookie' );
