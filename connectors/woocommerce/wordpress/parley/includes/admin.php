<?php
/**
 * Settings → Parley: the hub, the widget, the secrets, and the way to connect the shop.
 *
 * @package Parley
 */

defined( 'ABSPATH' ) || exit;

/**
 * Add the page to WordPress's Settings.
 */
function parley_add_page() {
	add_options_page( 'Parley', 'Parley', 'manage_options', 'parley', 'parley_print_page' );
}
add_action( 'admin_menu', 'parley_add_page' );

/**
 * Add a link to it in the list of plugins.
 *
 * @param string[] $links The plugin's links.
 * @return string[]
 */
function parley_add_link( $links ) {
	$link = '<a href="' . esc_url( parley_page_url() ) . '">' . esc_html__( 'Settings', 'parley' ) . '</a>';
	array_unshift( $links, $link );
	return $links;
}
add_filter( 'plugin_action_links_' . plugin_basename( PARLEY_FILE ), 'parley_add_link' );

/**
 * What the site's privacy policy may say.
 */
function parley_suggest_policy() {
	$text = __( 'This site has a chat. What you write there, and, if you are logged in and open it, your name and e-mail address, are sent to our chat’s server. Your orders may be sent to it as well, so that we can answer questions about them. A cookie, parley_user, notes in your browser that you are logged in.', 'parley' );
	wp_add_privacy_policy_content( 'Parley', wp_kses_post( wpautop( $text ) ) );
}
add_action( 'admin_init', 'parley_suggest_policy' );

/**
 * The settings page's address.
 *
 * @return string
 */
function parley_page_url() {
	return admin_url( 'options-general.php?page=parley' );
}

/**
 * Where this shop is connected, in the hub's console.
 *
 * @param string $hub The hub's origin.
 * @return string
 */
function parley_connect_url( $hub ) {
	return $hub . '/console/settings/integrations/connect/woocommerce?shop=' . rawurlencode( untrailingslashit( home_url() ) );
}

/**
 * Save what was entered.
 */
function parley_save() {
	if ( ! current_user_can( 'manage_options' ) ) {
		wp_die( esc_html__( 'You may not change these settings.', 'parley' ), '', array( 'response' => 403 ) );
	}
	check_admin_referer( 'parley_save' );
	$hub     = parley_entered( 'hub' );
	$app_id  = parley_entered( 'app_id' );
	$secrets = parley_saved_secrets();

	$settings = array(
		'hub'      => parley_checked( 'hub', $hub, parley_clean_hub( $hub ), parley_settings()['hub'] ),
		'app_id'   => parley_checked( 'app_id', $app_id, parley_clean( 'app_id', $app_id ), parley_settings()['app_id'] ),
		'identity' => '' !== $secrets['identity_secret'],
		'orders'   => '' !== $secrets['api_key'],
	);
	update_option( 'parley_settings', $settings );
	update_option( 'parley_secrets', $secrets, false ); // Not loaded with every page.
	if ( ! get_settings_errors( 'parley' ) ) {
		add_settings_error( 'parley', 'saved', __( 'Saved.', 'parley' ), 'success' );
	}
	set_transient( 'settings_errors', get_settings_errors(), 30 );
	wp_safe_redirect( add_query_arg( 'settings-updated', 'true', parley_page_url() ) );
	exit;
}
add_action( 'admin_post_parley_save', 'parley_save' );

/**
 * A field of the form as it was typed. Its shape is checked afterwards: sanitising could bend a secret.
 *
 * @param string $name The field.
 * @return string
 */
function parley_entered( $name ) {
	// phpcs:ignore WordPress.Security.NonceVerification, WordPress.Security.ValidatedSanitizedInput
	$value = isset( $_POST[ $name ] ) ? wp_unslash( $_POST[ $name ] ) : '';
	return is_string( $value ) ? trim( $value ) : '';
}

/**
 * The secrets after this form: what was left empty stays as it was, unless it is to be removed.
 *
 * @return array{api_key: string, identity_secret: string}
 */
function parley_saved_secrets() {
	$before  = get_option( 'parley_secrets', array() );
	$secrets = array();
	foreach ( array( 'api_key', 'identity_secret' ) as $name ) {
		$typed            = parley_entered( $name );
		$old              = is_array( $before ) && isset( $before[ $name ] ) ? (string) $before[ $name ] : '';
		$secrets[ $name ] = '' === $typed ? $old : parley_checked( $name, $typed, parley_clean( $name, $typed ), $old );
		if ( '' !== parley_entered( 'remove_' . $name ) ) {
			$secrets[ $name ] = '';
		}
	}
	return $secrets;
}

/**
 * The cleaned value, or what there was before with a word about what is wrong.
 *
 * @param string $name   The field.
 * @param string $typed  What was entered.
 * @param string $clean  What is left of it.
 * @param string $before What there was.
 * @return string
 */
function parley_checked( $name, $typed, $clean, $before ) {
	if ( '' === $typed || '' !== $clean ) {
		return $clean;
	}
	$wrong = array(
		'hub'             => __( 'The hub’s address must look like https://chat.example.com.', 'parley' ),
		'app_id'          => __( 'That is not an app id. It begins with icw_; you find it in Parley under Settings → Install.', 'parley' ),
		'api_key'         => __( 'That is not an API key. It begins with wgk_.', 'parley' ),
		'identity_secret' => __( 'That is not an Identity secret. You find it in Parley under Settings → Install.', 'parley' ),
	);
	add_settings_error( 'parley', $name, $wrong[ $name ], 'error' );
	return $before;
}

/**
 * Print the page.
 */
function parley_print_page() {
	if ( ! current_user_can( 'manage_options' ) ) {
		return;
	}
	$settings = parley_settings();
	?>
	<div class="wrap">
		<h1>Parley</h1>
		<form method="post" action="<?php echo esc_url( admin_url( 'admin-post.php' ) ); ?>" autocomplete="off">
			<input type="hidden" name="action" value="parley_save">
			<?php wp_nonce_field( 'parley_save' ); ?>
			<h2><?php esc_html_e( 'The chat', 'parley' ); ?></h2>
			<table class="form-table" role="presentation">
				<?php
				parley_print_field( 'hub', 'url', __( 'Hub', 'parley' ), $settings['hub'], __( 'The address of your Parley.', 'parley' ), 'https://chat.example.com' );
				parley_print_field( 'app_id', 'text', __( 'App id', 'parley' ), $settings['app_id'], __( 'In Parley under Settings → Install. With both, the chat is on every page.', 'parley' ), 'icw_…' );
				parley_print_secret( 'identity_secret', __( 'Identity secret', 'parley' ), __( 'In Parley under Settings → Install. With it, the chat knows who is logged in. It never leaves this server.', 'parley' ) );
				?>
			</table>
			<h2><?php esc_html_e( 'The shop', 'parley' ); ?></h2>
			<?php parley_print_shop( $settings['hub'] ); ?>
			<table class="form-table" role="presentation">
				<?php parley_print_secret( 'api_key', __( 'API key', 'parley' ), __( 'Only if you do not connect the shop: with a key of the scope “records” (Settings → Developers), this plugin sends the orders. Do not use both, or each order is shown twice.', 'parley' ) ); ?>
			</table>
			<?php
			parley_print_report();
			submit_button();
			?>
		</form>
	</div>
	<?php
}

/**
 * Print a field.
 *
 * @param string $name  The field.
 * @param string $type  What kind of input.
 * @param string $label What it is called.
 * @param string $value What is in it.
 * @param string $help  What to enter.
 * @param string $like  What it looks like.
 */
function parley_print_field( $name, $type, $label, $value, $help, $like ) {
	?>
	<tr>
		<th scope="row"><label for="parley-<?php echo esc_attr( $name ); ?>"><?php echo esc_html( $label ); ?></label></th>
		<td>
			<input class="regular-text code" id="parley-<?php echo esc_attr( $name ); ?>" name="<?php echo esc_attr( $name ); ?>" type="<?php echo esc_attr( $type ); ?>" value="<?php echo esc_attr( $value ); ?>" placeholder="<?php echo esc_attr( $like ); ?>" aria-describedby="parley-<?php echo esc_attr( $name ); ?>-help">
			<p class="description" id="parley-<?php echo esc_attr( $name ); ?>-help"><?php echo esc_html( $help ); ?></p>
		</td>
	</tr>
	<?php
}

/**
 * Print a secret's field. What is stored is never shown again.
 *
 * @param string $name  Either api_key or identity_secret.
 * @param string $label What it is called.
 * @param string $help  What it does.
 */
function parley_print_secret( $name, $label, $help ) {
	$saved = '' !== parley_secret( $name );
	$like  = $saved ? __( 'Saved. Leave empty to keep it.', 'parley' ) : '';
	if ( parley_is_constant( $name ) ) {
		$like = __( 'Defined in wp-config.php.', 'parley' );
	}
	parley_print_field( $name, 'password', $label, '', $help, $like );
	if ( $saved && ! parley_is_constant( $name ) ) {
		?>
		<tr>
			<td></td>
			<td><label><input type="checkbox" name="remove_<?php echo esc_attr( $name ); ?>" value="1"> <?php esc_html_e( 'Remove it', 'parley' ); ?></label></td>
		</tr>
		<?php
	}
}

/**
 * Print the way to connect the shop.
 *
 * @param string $hub The hub's origin.
 */
function parley_print_shop( $hub ) {
	if ( ! class_exists( 'WooCommerce' ) ) {
		echo '<p>' . esc_html__( 'There is no shop on this site: WooCommerce is not active.', 'parley' ) . '</p>';
		return;
	}
	echo '<p>' . esc_html__( 'Connect it, and Parley reads products, orders, customers and coupons, and gives discount codes in the chat.', 'parley' ) . '</p>';
	if ( '' === $hub ) {
		echo '<p>' . esc_html__( 'First save the hub’s address.', 'parley' ) . '</p>';
		return;
	}
	echo '<p><a class="button button-secondary" target="_blank" rel="noopener" href="' . esc_url( parley_connect_url( $hub ) ) . '">' . esc_html__( 'Connect this shop in Parley', 'parley' ) . '</a></p>';
}

/**
 * Print how the last order went.
 */
function parley_print_report() {
	$report = get_option( 'parley_report', array() );
	if ( ! is_array( $report ) || empty( $report['at'] ) || ! parley_sends_orders() ) {
		return;
	}
	$when = wp_date( get_option( 'date_format' ) . ' ' . get_option( 'time_format' ), $report['at'] );
	if ( empty( $report['problem'] ) ) {
		/* translators: %s: a date and time */
		$text = sprintf( __( 'The last order was sent: %s.', 'parley' ), $when );
	} else {
		/* translators: 1: a date and time, 2: what the hub answered */
		$text = sprintf( __( 'The last order could not be sent (%1$s): %2$s', 'parley' ), $when, $report['problem'] );
	}
	echo '<p>' . esc_html( $text ) . '</p>';
}
